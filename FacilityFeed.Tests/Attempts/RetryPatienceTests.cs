using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;
using Hangfire;
using Hangfire.States;
using Hangfire.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Attempts;

/// <summary>How long a job that fails is tried again, and how soon it sees that what it waits for is back.</summary>
public sealed class RetryPatienceTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private TestHost _host = null!;
    private IStorageConnection _connection = null!;
    private BackgroundJob _job = null!;

    [SetUp]
    public async Task BeginAsync()
    {
        _host = await TestHost.CreateAsync(Facilities.Numbered(1, 1));
        _connection = _host.Get<JobStorage>().GetConnection();
        var id = _host.Get<FeedJobs>().CreateChunks(_host.Feed, 1, [new Domain.Planning.ChunkRange(1, 1, 1, 1)], 1)[0];
        _job = new BackgroundJob(id, _connection.GetJobData(id).Job, DateTime.UtcNow);
    }

    [TearDown]
    public async Task EndAsync()
    {
        _connection.Dispose();
        await _host.DisposeAsync();
    }

    [Test]
    public void AJob_IsTriedAgainWithinHalfAMinute_HoweverLongWhatItNeedsIsAway()
    {
        var retries = RetriesOf(attempt: TimeSpan.Zero);

        Assert.That(retries, Has.All.LessThanOrEqualTo(TimeSpan.FromSeconds(30)));
        Assert.That(Sum(retries), Is.InRange(TimeSpan.FromMinutes(42), TimeSpan.FromMinutes(44)), "its patience");
    }

    [Test]
    public void AJobWhoseAttemptsAreLong_IsGivenUpAfterTheSameTime_ButNotBeforeItsFifthRetry()
    {
        Assert.That(RetriesOf(attempt: TimeSpan.FromMinutes(5)), Has.Count.EqualTo(8));
        _connection.SetJobParameter(_job.Id, "RetryCount", "0");
        Assert.That(RetriesOf(attempt: TimeSpan.FromMinutes(60)), Has.Count.EqualTo(5), "from anew");
    }

    [Test]
    public void TimeInWhichTheStateDatabaseIsAway_UsesUpNoPatience()
    {
        for (var used = 0; used < 6; used++)
        {
            Assert.That(Elect(new FeedException("away")), Is.InstanceOf<ScheduledState>());
        }

        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(Elect(new StateException("the state database is away", new TimeoutException())), Is.InstanceOf<ScheduledState>());

        Assert.That(Elect(new FeedException("away")), Is.InstanceOf<ScheduledState>(), "the first that the job itself meets after it");
        _time.Advance(TimeSpan.FromHours(1));
        Assert.That(Elect(new FeedException("away")), Is.InstanceOf<FailedState>(), "an hour in which it could be tried");
    }

    [Test]
    public void WhatCannotWork_IsNotTriedAgain() =>
        Assert.That(Elect(new FeedRejectedException("no")), Is.InstanceOf<FailedState>());

    /// <returns>The pauses before its retries, until it is given up.</returns>
    private List<TimeSpan> RetriesOf(TimeSpan attempt)
    {
        var pauses = new List<TimeSpan>();
        _time.Advance(attempt);
        while (Elect(new FeedException("away")) is ScheduledState retry)
        {
            pauses.Add(retry.EnqueueAt - retry.ScheduledAt);
            _time.Advance(pauses[^1] + attempt);
        }

        return pauses;
    }

    private IState Elect(Exception failure)
    {
        using var transaction = _connection.CreateWriteTransaction();
        var context = new ElectStateContext(new ApplyStateContext(_host.Get<JobStorage>(), _connection, transaction, _job, new FailedState(failure), ProcessingState.StateName));
        var filters = ActivatorUtilities.CreateInstance<FeedJobFilters>(_host.Services, RetryDelays.Shipped, _time);
        foreach (var filter in filters.GetFilters(_job.Job).Select(filter => filter.Instance).OfType<IElectStateFilter>())
        {
            filter.OnStateElection(context);
        }

        return context.CandidateState;
    }

    private static TimeSpan Sum(IEnumerable<TimeSpan> pauses) => pauses.Aggregate(TimeSpan.Zero, (sum, pause) => sum + pause);
}

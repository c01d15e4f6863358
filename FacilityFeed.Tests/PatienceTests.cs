using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests;

/// <summary>Time passes only when a test moves it on: nothing here waits.</summary>
public sealed class PatienceTests
{
    private static readonly TimeSpan _step = TimeSpan.FromMilliseconds(50);

    private readonly FakeTimeProvider _time = new();
    private int _attempts;

    [Test]
    public async Task TryAsync_GivesTheAnswer_WhenTheFirstAttemptWorks()
    {
        var answer = await new Patience(_time).TryAsync(_ => Task.FromResult(7), CancellationToken.None);

        Assert.That(answer, Is.EqualTo(7));
    }

    [Test]
    public async Task TryAsync_TellsOnceWhatItWaitsFor()
    {
        var (told, attempts) = (new List<string>(), 0);
        var waiting = new Patience(_time, away => told.Add(away.Message)).TryAsync<int>(_ => throw new FeedException($"away {++attempts}"), CancellationToken.None);

        while (!waiting.IsCompleted)
        {
            _time.Advance(_step);
        }

        await Assert.CatchAsync<FeedException>(() => waiting);
        Assert.That(attempts, Is.GreaterThan(2));
        Assert.That(told, Is.EqualTo(new[] { "away 1" }));
    }

    [Test]
    public void TryAsync_GivesUpAtOnce_WhenTheAttemptIsRejected()
    {
        var waiting = Try(_ => new FeedRejectedException("wrong password"));

        Assert.That(waiting.IsCompleted, Is.True);
        Assert.That(() => waiting, Throws.InstanceOf<FeedRejectedException>().With.Message.EqualTo("wrong password"));
        Assert.That(_attempts, Is.EqualTo(1));
    }

    [Test]
    public void TryAsync_GivesUpAtOnce_WhenTheFailureIsNotOneOfTheFeed()
    {
        var waiting = Try(_ => new InvalidOperationException("a mistake of ours"));

        Assert.That(waiting.IsCompleted, Is.True);
        Assert.That(() => waiting, Throws.InvalidOperationException);
    }

    [TestCase(2)]
    [TestCase(5)]
    public async Task TryAsync_TriesAgain_UntilItWorks(int worksAt)
    {
        var waiting = Try(attempt => attempt < worksAt ? new FeedException("away") : null);

        PassTimeUntilEnd(waiting);

        Assert.That(await waiting, Is.EqualTo(worksAt));
    }

    [Test]
    public void TryAsync_RejectsAtOnce_WhenALaterAttemptIsRejected()
    {
        var waiting = Try(attempt => attempt < 3 ? new FeedException("away") : new FeedRejectedException("no such table"));

        PassTimeUntilEnd(waiting);

        Assert.That(() => waiting, Throws.InstanceOf<FeedRejectedException>());
        Assert.That(_attempts, Is.EqualTo(3));
    }

    [Test]
    public void TryAsync_GivesUpAfter30Seconds_WithTheLastFailure()
    {
        var waiting = Try(attempt => new FeedException($"away {attempt}"));

        var waited = PassTimeUntilEnd(waiting);

        Assert.That(waited, Is.EqualTo(TimeSpan.FromSeconds(30)).Within(_step));
        Assert.That(() => waiting, Throws.InstanceOf<FeedException>().With.Message.EqualTo($"away {_attempts}"));
    }

    [Test]
    public async Task TryAsync_StillTries_WhenTheServerComesInTheLastSecond()
    {
        var start = _time.GetTimestamp();
        var waiting = Try(_ => _time.GetElapsedTime(start) < TimeSpan.FromSeconds(29) ? new FeedException("away") : null);

        PassTimeUntilEnd(waiting);

        Assert.That(await waiting, Is.GreaterThan(1));
    }

    [Test]
    public void TryAsync_PausesLonger_TheLongerItTakes()
    {
        var start = _time.GetTimestamp();
        var times = new List<double>();
        var waiting = Try(_ =>
        {
            times.Add(_time.GetElapsedTime(start).TotalSeconds);
            return new FeedException("away");
        });

        PassTimeUntilEnd(waiting);

        var pauses = times.Zip(times.Skip(1), (earlier, later) => later - earlier).ToList();
        Assert.That(pauses[0], Is.LessThan(0.5));
        // The last pause ends with the time and may be shorter.
        Assert.That(pauses.SkipLast(1), Is.Ordered.And.All.LessThan(4.2));
        Assert.That(_attempts, Is.LessThan(20));
        Assert.That(() => waiting, Throws.InstanceOf<FeedException>());
    }

    [Test]
    public async Task TryAsync_StopsPausing_WhenCancelled()
    {
        using var cancel = new CancellationTokenSource();
        var waiting = Try(_ => new FeedException("away"), cancel.Token);

        await cancel.CancelAsync();

        Assert.That(() => waiting, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_attempts, Is.EqualTo(1));
    }

    /// <returns>The number of the attempt that worked.</returns>
    private Task<int> Try(Func<int, Exception?> failure, CancellationToken cancellationToken = default)
    {
        _attempts = 0;
        return new Patience(_time).TryAsync(
            _ => failure(++_attempts) is { } failed ? Task.FromException<int>(failed) : Task.FromResult(_attempts), cancellationToken);
    }

    private TimeSpan PassTimeUntilEnd(Task waiting)
    {
        var waited = TimeSpan.Zero;
        while (!waiting.IsCompleted)
        {
            Assert.That(waited, Is.LessThan(TimeSpan.FromMinutes(1)), "does not give up");
            _time.Advance(_step);
            waited += _step;
        }

        return waited;
    }
}

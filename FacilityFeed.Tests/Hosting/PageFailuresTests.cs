using FacilityFeed.Infrastructure;
using FacilityFeed.Scheduler.Dashboard;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace FacilityFeed.Tests.Hosting;

/// <summary>Pages that fail for reasons that nothing else mends.</summary>
public sealed class PageFailuresTests
{
    [Test]
    public async Task APage_ThatFailsAgainAndAgain_IsAnsweredPlainly_AndSaidOnce()
    {
        var log = new Lines();
        var failures = new PageFailures(TimeProvider.System, log);

        for (var time = 0; time < 3; time++)
        {
            var (status, words) = await AnswerAsync(failures, new FormatException("not\na date"));
            Assert.That(status, Is.EqualTo(500));
            Assert.That(words, Does.StartWith("This page cannot be shown.").And.Not.Contain("FormatException").And.Not.Contain("   at "));
        }

        Assert.That(log, Has.Count.EqualTo(1));
        Assert.That(log[0], Does.StartWith("The dashboard's page /hangfire/jobs/failed cannot be shown (FormatException: not a date)."));
    }

    [Test]
    public async Task ADatabase_ThatIsAway_IsSaidOnThePage_AndNotOnceMoreInTheLog()
    {
        var log = new Lines();

        var (status, words) = await AnswerAsync(new PageFailures(TimeProvider.System, log), new InvalidOperationException("wrapped", new NpgsqlException("no way")));

        Assert.That((status, words), Is.EqualTo((503, "STATE_DB (State:ConnectionString): the state database does not answer (no way). Check that it runs and that host and port are right. The page comes back with the database; what runs meanwhile goes on by itself.\n")));
        Assert.That(log, Is.Empty);
    }

    private static IEnumerable<TestCaseData> Refusals() =>
    [
        new TestCaseData(Answer(PostgresErrorCodes.UndefinedTable, "relation \"feed.run\" does not exist"), "relation").SetArgDisplayNames("no such table"),
        new TestCaseData(Answer(PostgresErrorCodes.DiskFull, "no space left"), "no space left").SetArgDisplayNames("disk full"),
        new TestCaseData(new NpgsqlException("The connection pool has been exhausted, either raise 'Max Pool Size' (currently 100) or 'Timeout'", new TimeoutException()), "in use too long").SetArgDisplayNames("pool"),
        new TestCaseData(new OverdueException(TimeSpan.FromSeconds(7)), "within 7 s").SetArgDisplayNames("late"),
    ];

    [TestCaseSource(nameof(Refusals))]
    public async Task ADatabase_ThatIsThere_AndRefuses_IsNotWaitedFor_AndIsSaidInTheLog(Exception failure, string said)
    {
        var log = new Lines();
        var failures = new PageFailures(TimeProvider.System, log);

        for (var time = 0; time < 3; time++)
        {
            var (status, words) = await AnswerAsync(failures, new InvalidOperationException("wrapped", failure));
            Assert.That(status, Is.EqualTo(500));
            Assert.That(words, Does.StartWith("This page cannot be shown. ").And.Contain(said).And.Not.Contain("comes back").And.Not.Contain("password"));
        }

        Assert.That(log, Has.Count.EqualTo(1));
        Assert.That(log[0], Does.StartWith("The dashboard's page /hangfire/jobs/failed cannot be shown: ").And.Contain(said));
    }

    [TestCase("57P01")]
    [TestCase("57P02")]
    [TestCase("57P03")]
    [TestCase("53300")]
    [TestCase("08006")]
    public async Task ADatabase_ThatStarts_Stops_OrIsFull_IsWaitedFor(string state)
    {
        var log = new Lines();

        var (status, words) = await AnswerAsync(new PageFailures(TimeProvider.System, log), Answer(state, "not now"));

        Assert.That((status, words), Is.EqualTo((503, words)));
        Assert.That(words, Does.Contain("not now").And.Contain("The page comes back with the database"));
        Assert.That(log, Is.Empty);
    }

    [Test]
    public async Task AValue_ThatTheDatabaseCannotRead_StandsInARow()
    {
        var (status, words) = await AnswerAsync(new PageFailures(TimeProvider.System, new Lines()), Answer(PostgresErrorCodes.InvalidTextRepresentation, "invalid input syntax"));

        Assert.That(status, Is.EqualTo(500));
        Assert.That(words, Does.Contain("Most likely a row of the state database"));
    }

    private static PostgresException Answer(string state, string said) => new(said, "ERROR", "ERROR", state);

    private static async Task<(int Status, string Words)> AnswerAsync(PageFailures failures, Exception failure)
    {
        var http = new DefaultHttpContext { Request = { Path = "/hangfire/jobs/failed" } };
        using var body = new MemoryStream();
        http.Response.Body = body;
        await failures.InvokeAsync(http, _ => throw failure);
        return (http.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }

    private sealed class Lines : List<string>, ILogger<PageFailures>
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));
    }
}

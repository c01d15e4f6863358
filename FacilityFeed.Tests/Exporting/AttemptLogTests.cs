using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace FacilityFeed.Tests.Exporting;

public sealed class AttemptLogTests
{
    private Lines _lines = null!;
    private FakeTimeProvider _time = null!;
    private ILoggerFactory _logs = null!;
    private AttemptLog _log = null!;

    [SetUp]
    public void Begin()
    {
        _lines = [];
        _time = new FakeTimeProvider();
        _logs = LoggerFactory.Create(logging => logging.AddProvider(_lines));
        _log = new AttemptLog(new OutcomeLog(_logs), _time, _logs.CreateLogger<AttemptLog>());
    }

    [TearDown]
    public void End()
    {
        _log.Dispose();
        _logs.Dispose();
        _lines.Dispose();
    }

    [TestCase(false, "Run 5 of feed facility, chunk 2: attempt 1 did not work: no room for chunk 2", "Run 5 of feed facility: what chunk 2 met, 32 more attempts (chunks 1, 3-33) met too")]
    [TestCase(true, "Run 5 of feed facility: chunk 2 failed: no room for chunk 2", "Run 5 of feed facility: as chunk 2 failed, so did 32 more attempts (chunks 1, 3-33)")]
    public void ThirtyThreeEqualFailures_AreTwoLines(bool isFinal, string first, string others)
    {
        foreach (var number in Enumerable.Range(1, 33).OrderBy(number => number != 2))
        {
            _log.DidNotWork(Claim(number), $"no room for chunk {number}", isFinal);
        }

        Assert.That(_lines, Is.EqualTo(new[] { first }));
        _time.Advance(AttemptLog.Gathering);
        Assert.That(_lines, Is.EqualTo(new[] { first, others }));
    }

    [Test]
    public void WhatComesLaterAgain_IsSaidAgain()
    {
        _log.DidNotWork(Claim(1), "no room", isFinal: false);
        _time.Advance(AttemptLog.Gathering);
        _log.DidNotWork(Claim(1), "no room", isFinal: false);

        Assert.That(_lines, Has.Count.EqualTo(2).And.All.EndsWith("attempt 1 did not work: no room"));
    }

    [Test]
    public void OtherFailures_AndThoseOfOtherRuns_AreSaidAtOnce()
    {
        _log.DidNotWork(Claim(1), "no room", isFinal: false);
        _log.DidNotWork(Claim(1), "no answer", isFinal: false);
        _log.DidNotWork(Claim(1, run: 6), "no room", isFinal: false);

        Assert.That(_lines, Has.Count.EqualTo(3));
    }

    [Test]
    public void AFinalFailure_AndOneThatIsTriedAgain_AreNotTakenForEachOther([Values] bool isFirstFinal)
    {
        _log.DidNotWork(Claim(1), "no room", isFirstFinal);
        _log.DidNotWork(Claim(2), "no room", !isFirstFinal);
        _log.DidNotWork(Claim(3), "no room", !isFirstFinal);
        _time.Advance(AttemptLog.Gathering);

        var final = new[] { "Run 5 of feed facility: chunk 2 failed: no room", "Run 5 of feed facility: as chunk 2 failed, so did 1 more attempt (chunk 3)" };
        var again = new[] { "Run 5 of feed facility, chunk 2: attempt 1 did not work: no room", "Run 5 of feed facility: what chunk 2 met, 1 more attempt (chunk 3) met too" };
        Assert.That(_lines.Skip(1), Is.EqualTo(isFirstFinal ? again : final));
    }

    [Test]
    public void AStoppingService_SaysWhatItHasGathered()
    {
        _log.DidNotWork(Claim(1), "no room", isFinal: true);
        _log.DidNotWork(Claim(2), "no room", isFinal: true);
        _log.Dispose();
        _time.Advance(AttemptLog.Gathering);

        Assert.That(_lines.Skip(1), Is.EqualTo(new[] { "Run 5 of feed facility: as chunk 1 failed, so did 1 more attempt (chunk 2)" }));
    }

    [Test]
    public void OneFaultInManyRows_IsTwoLines_WithSomeOfTheRows()
    {
        foreach (var number in Enumerable.Range(1, 600))
        {
            _log.DidNotWork(Claim(number), $"chunk {number}: division by zero. It is the row with id {number * 7}. Correct that value in the source", isFinal: true);
        }

        _time.Advance(AttemptLog.Gathering);

        Assert.That(_lines, Has.Count.EqualTo(2));
        Assert.That(_lines[0], Does.EndWith("division by zero. It is the row with id 7. Correct that value in the source"));
        Assert.That(_lines[1], Is.EqualTo("Run 5 of feed facility: as chunk 1 failed, so did 599 more attempts (chunks 2-600; rows with id 14, 21, 28 and 596 more)"));
    }

    private static ChunkClaim Claim(int number, long run = 5) => new() { RunId = run, Number = number, Feed = "facility", Attempt = 1 };

    private sealed class Lines : List<string>, ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Add(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}

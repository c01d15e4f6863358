using FacilityFeed.Domain.Ledger;

namespace FacilityFeed.Tests.Ledger;

public sealed class RunTransitionsTests
{
    /// <summary>Every change of state that may be made; written out here, not taken from the code.</summary>
    private static readonly HashSet<(RunState From, RunState To)> _allowed =
    [
        (RunState.Planning, RunState.Running),
        (RunState.Planning, RunState.Held), // the source is empty
        (RunState.Planning, RunState.Failed),
        (RunState.Planning, RunState.Cancelled),
        (RunState.Running, RunState.Publishing),
        (RunState.Running, RunState.Unchanged),
        (RunState.Running, RunState.Held),
        (RunState.Running, RunState.Failed),
        (RunState.Running, RunState.Cancelled),
        (RunState.Running, RunState.Superseded), // a redriven run that a later one overtook
        (RunState.Publishing, RunState.Published),
        (RunState.Publishing, RunState.Failed),
        (RunState.Held, RunState.Publishing), // publish anyway
        (RunState.Held, RunState.Discarded),
        (RunState.Held, RunState.Superseded),
        (RunState.Failed, RunState.Running), // redrive
        (RunState.Failed, RunState.Superseded),
    ];

    private static IEnumerable<TestCaseData> Pairs() =>
        from start in Enum.GetValues<RunState>()
        from end in Enum.GetValues<RunState>()
        select new TestCaseData(start, end, _allowed.Contains((start, end)));

    [TestCaseSource(nameof(Pairs))]
    public void IsAllowed_AnswersAsDesigned(RunState start, RunState end, bool expected) =>
        Assert.That(RunTransitions.IsAllowed(start, end), Is.EqualTo(expected));

    [TestCaseSource(nameof(Pairs))]
    public void Before_AgreesWithIsAllowed(RunState start, RunState end, bool expected) =>
        Assert.That(RunTransitions.Before(end).Contains(start), Is.EqualTo(expected));

    [TestCase(RunState.Published)]
    [TestCase(RunState.Unchanged)]
    [TestCase(RunState.Cancelled)]
    [TestCase(RunState.Superseded)]
    [TestCase(RunState.Discarded)]
    [TestCase(RunState.Skipped)]
    public void IsAllowed_LeadsNowhere_WhenTheStateIsFinal(RunState final) =>
        Assert.That(Enum.GetValues<RunState>().Where(end => RunTransitions.IsAllowed(final, end)), Is.Empty);

    [Test]
    public void IsActive_IsTrueOfTheThreeStatesThatHoldTheFeed() =>
        Assert.That(Enum.GetValues<RunState>().Where(RunTransitions.IsActive), Is.EqualTo(new[] { RunState.Planning, RunState.Running, RunState.Publishing }));

    [Test]
    public void Initial_IsPlanningOrSkipped() =>
        Assert.That(RunTransitions.Initial, Is.EquivalentTo(new[] { RunState.Planning, RunState.Skipped }));

    [Test]
    public void EveryState_IsInitialOrCanBeReached() =>
        Assert.That(Enum.GetValues<RunState>().Where(state => RunTransitions.Before(state).Count == 0), Is.EquivalentTo(RunTransitions.Initial));
}

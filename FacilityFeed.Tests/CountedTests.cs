using FacilityFeed.Domain;

namespace FacilityFeed.Tests;

public sealed class CountedTests
{
    [TestCase(0, "0 chunks")]
    [TestCase(1, "1 chunk")]
    [TestCase(2, "2 chunks")]
    [TestCase(1234, "1,234 chunks")]
    [TestCase(-1, "-1 chunk")]
    [TestCase(long.MaxValue, "9,223,372,036,854,775,807 chunks")]
    public void Of_SaysTheNounThatTheNumberWants(long count, string said) => Assert.That(Counted.Of(count, "chunk"), Is.EqualTo(said));

    [TestCase(1, "1 row was")]
    [TestCase(33, "33 rows were")]
    public void Of_SaysAVerbWithIt(long count, string said) => Assert.That(Counted.Of(count, "row was", "rows were"), Is.EqualTo(said));
}

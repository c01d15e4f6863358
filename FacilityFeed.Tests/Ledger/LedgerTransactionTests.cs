using System.Transactions;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Tests.Ledger;

public sealed class LedgerTransactionTests
{
    [TestCase(0, 300)]
    [TestCase(1, 300)]
    [TestCase(480, 300)]
    [TestCase(482, 301)]
    [TestCase(FeedDefinition.MostChunks, 60 + 1000)]
    public void Limit_GrowsWithTheJobs(int jobs, int seconds) => Assert.That(LedgerTransaction.LimitFor(jobs), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public void Limit_OfTheMostJobs_IsNotCut()
    {
        using var scope = LedgerTransaction.Begin(FeedDefinition.MostChunks);

        // What a scope is cut down to, by itself ten minutes.
        Assert.That(TransactionManager.MaximumTimeout, Is.EqualTo(TimeSpan.FromSeconds(1060)));
    }
}

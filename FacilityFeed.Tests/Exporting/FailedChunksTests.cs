using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Tests.Exporting;

public sealed class FailedChunksTests
{
    private static string Divided(long id) => $"PostgreSQL database 'shop' at db:5432 refused reading shop.v for run 5 chunk {id / 7}: division by zero. It is the row with id {id}. Correct that value in the source";

    private const string Remedy = "Let the user read: GRANT SELECT ON ... TO \"feed\"";

    // One kind of failure each, of chunk N.
    private static IEnumerable<Func<int, string>> Kinds()
    {
        yield return n => $"PostgreSQL database 'shop' at db:5432 refused reading failing for run 5 chunk {n}: permission denied for table secrets. {Remedy}";
        yield return n => $"AccessDenied (403): s3://feeds/entity-1796053230_{n:0000}.json.gz cannot be stored. {Remedy}";
        yield return n => $"AccessDenied (403): s3://feeds/entity-1796053230_{n:0000}-{n + 1}.json.gz cannot be stored. {Remedy}";
        yield return n => $"feed facility, run 5, chunk {n} (ids {n * 10}-{(n * 10) + 9}): {n + 7} rows were read, but the database counts {n} rows in the same snapshot.";
        yield return n => $"The spool folder /data/spool cannot take {n * 1000:N0} bytes (No space left on device). Free space there";
        yield return n => $"job {n + 50}: attempt {n} ended without a word";
        yield return _ => "the job was deleted in the dashboard";
        yield return n => Divided(n * 7);
        yield return n => $"PostgreSQL database 'shop' at db:5432 failed reading shop.v for run 5 chunk {n}: no luck (SQLSTATE P0001). It is a row with id {n * 10} to {(n * 10) + 4}";
    }

    [TestCaseSource(nameof(Kinds))]
    public void Group_PutsTogether_WhatDiffersInTheChunkAlone(Func<int, string> reason)
    {
        var groups = FailedChunks.Group(Enumerable.Range(1, 33).Select(n => (n, reason(n))));

        Assert.That(groups, Has.Count.EqualTo(1), string.Join("\n", groups.Select(group => group.Reason)));
        Assert.That(groups[0].Numbers, Is.EqualTo(Enumerable.Range(1, 33)));
        Assert.That(FailedChunks.Summary(groups), Does.StartWith("33 chunks failed (1-33): ").And.EndWith(groups[0].Reason));
    }

    [Test]
    public void Group_KeepsEveryKindApart()
    {
        var kinds = Kinds().ToList();

        var groups = FailedChunks.Group(Enumerable.Range(1, 90).Select(n => (n, kinds[n % kinds.Count](n))));

        // The two names of an object are one kind.
        Assert.That(groups.Select(group => group.Numbers.Count), Is.EqualTo(new[] { 20, 10, 10, 10, 10, 10, 10, 10 }));
    }

    [TestCase("division by zero. It is the row with id 7", "division by zero", TestName = "a row that was not found")]
    [TestCase("division by zero. It is the row with id 7", "value out of range. It is the row with id 7", TestName = "another fault of a row")]
    [TestCase("SlowDown (503): s3://b cannot be stored", "InternalError (500): s3://b cannot be stored", TestName = "another answer")]
    [TestCase("no answer from db:5432", "no answer from db:5433", TestName = "another server")]
    [TestCase("refused (SQLSTATE 42501)", "refused (SQLSTATE 42P01)", TestName = "another code")]
    public void Group_KeepsApart_WhatIsMendedOtherwise(string one, string other) => Assert.That(FailedChunks.Group([(1, one), (2, other)]), Has.Count.EqualTo(2));

    [Test]
    public void Summary_SaysOneChunkPlainly_WithoutItsNameTwice() => Assert.That(
        FailedChunks.Summary(FailedChunks.Group([(3, "feed facility, run 5, chunk 3 (ids -30--21): id 7 came after 9")])), Is.EqualTo("chunk 3 failed: id 7 came after 9"));

    [Test]
    public void Summary_SaysEachReasonOnce_AndNamesEveryChunk() => Assert.That(
        FailedChunks.Summary(FailedChunks.Group([(9, "e"), (1, "a"), (2, "b"), (3, "a"), (4, "a"), (5, "c"), (6, "d"), (7, "d"), (8, "e")])),
        Is.EqualTo("9 chunks failed. chunks 1, 3, 4: a; chunks 6, 7: d; chunks 8, 9: e; and 2 more (chunks 2, 5) for 2 other reasons"));

    [TestCase(1, "chunk 1 failed: ", "It is the row with id 7")]
    [TestCase(2, "2 chunks failed (1, 2): ", "They are the rows with id 7, 14")]
    [TestCase(3, "3 chunks failed (1-3): ", "They are the rows with id 7, 14, 21")]
    [TestCase(7, "7 chunks failed (1-7): ", "They are the rows with id 7, 14, 21 and 4 more")]
    [TestCase(600, "600 chunks failed (1-600): ", "They are the rows with id 7, 14, 21 and 597 more")]
    public void Summary_OfOneFaultInManyRows_SaysItOnce_WithSomeOfTheRows(int chunks, string begin, string rows)
    {
        var groups = FailedChunks.Group(Enumerable.Range(1, chunks).Select(n => (n, Divided(n * 7))));

        Assert.That(FailedChunks.Summary(groups), Is.EqualTo($"{begin}PostgreSQL database 'shop' at db:5432 refused reading shop.v for run 5 chunk 1: division by zero. {rows}. Correct that value in the source"));
        Assert.That(groups[0].Rows, Is.EqualTo(Enumerable.Range(1, chunks).Select(n => $"{n * 7}")));
    }

    [Test]
    public void Summary_StaysShort_WhateverTheNumbersAre() => Assert.That(
        FailedChunks.Summary(FailedChunks.Group(Enumerable.Range(1, 600).Select(n => (n * 2, "no room")))), Does.StartWith("600 chunks failed (2, 4, ").And.EndWith(", 40 and 580 more): no room"));
}

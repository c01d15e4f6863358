using FacilityFeed.Domain.Planning;

namespace FacilityFeed.Tests.Planning;

public sealed class ChunkNumbersTests
{
    [TestCase("chunk 3", 3)]
    [TestCase("chunks 3, 5-9", 3, 5, 6, 7, 8, 9)]
    [TestCase("chunks 1, 2", 1, 2)]
    [TestCase("chunks 1-3", 3, 1, 2, Description = "in any order")]
    [TestCase("chunks 1, 3, 5", 1, 3, 5)]
    [TestCase("chunks 1-3, 7, 9, 10", 1, 2, 3, 7, 9, 10)]
    public void Of_SaysNeighboursAsARange(string said, params int[] numbers) => Assert.That(ChunkNumbers.Of(numbers), Is.EqualTo(said));

    [Test]
    public void Of_NamesAThousandChunksInAWord() => Assert.That(ChunkNumbers.Of([.. Enumerable.Range(1, 1000)]), Is.EqualTo("chunks 1-1000"));
}

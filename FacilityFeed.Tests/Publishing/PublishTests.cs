using System.IO.Compression;
using System.Text.Json;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Publishing;

public sealed class PublishTests
{
    [Test]
    public async Task Run_PublishesEachIdOnce_InChunkOrder()
    {
        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 95));

        var run = await host.PublishAsync();

        Assert.That(run.State, Is.EqualTo(RunState.Published), run.Reason);
        Assert.That(ReadIds(host.StorePath, "metadata.json"), Is.EqualTo(Enumerable.Range(1, 95).Select(id => $"{id}")));
        Assert.That(run.ChunkCount, Is.EqualTo(10));
    }

    internal static IEnumerable<string> ReadIds(string folder, string manifestName)
    {
        var manifest = Manifest.Parse(File.ReadAllBytes(Path.Combine(folder, manifestName)));
        foreach (var file in manifest.DataFiles)
        {
            using var json = new GZipStream(File.OpenRead(Path.Combine(folder, file)), CompressionMode.Decompress);
            using var document = JsonDocument.Parse(json);
            foreach (var record in document.RootElement.GetProperty("data").EnumerateArray())
            {
                yield return record.GetProperty("entity_id").GetString()!;
            }
        }
    }
}

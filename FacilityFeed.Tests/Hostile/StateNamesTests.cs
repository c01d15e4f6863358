using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Runs;
using FacilityFeed.Tests.Watching;

namespace FacilityFeed.Tests.Hostile;

/// <summary>Who may write to the state database decides what is published, and not where else the service writes.</summary>
public sealed class StateNamesTests
{
    [TestCase("../../elsewhere")]
    [TestCase("/tmp/facilityfeed-elsewhere")]
    [TestCase("below/elsewhere")]
    public async Task ARunsName_LeadsToNoOtherPlace(string name)
    {
        await using var run = await WatchedRun.ExportedAsync();
        await run.Host.State.ExecuteAsync($"UPDATE feed.run SET {Protocol.Writer}, name = '{name}'");

        var ended = await run.FinishAsync();

        Assert.That(ended.State, Is.EqualTo(RunState.Failed));
        Assert.That(ended.Reason, Does.Contain("cannot be the name of an object of a feed"));
        Assert.That(Directory.EnumerateFileSystemEntries(Path.GetTempPath(), "*elsewhere*"), Is.Empty);
        Assert.That(Directory.EnumerateFileSystemEntries(run.Host.Folder.Path, "*elsewhere*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public async Task AShardsName_IsReadFromNoOtherPlace()
    {
        await using var run = await WatchedRun.ExportedAsync();
        await run.Host.State.ExecuteAsync($"UPDATE feed.chunk SET {Protocol.Writer}, object_name = '../../../../../../etc/passwd' WHERE number = 1");

        var ended = await run.FinishAsync();

        Assert.That((ended.State, ended.Manifest), Is.EqualTo((RunState.Failed, (string?)null)));
        Assert.That(ended.Reason, Does.Contain("cannot be the name of an object of a feed"));
    }
}

using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

public sealed class LeftoversTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public void Remove_TakesTheTemporaryFilesOfDeadProcesses_InNestedFoldersToo()
    {
        Put(Temporary("a.json.gz"));
        Put($"partners/google/{Temporary("b.json.gz")}");
        Put($".hidden/{Temporary("metadata.json")}");

        var removed = Leftovers.Remove(_folder.Path, Leftovers.StorePattern);

        Assert.That(removed, Is.EqualTo(3));
        Assert.That(Files(), Is.Empty);
    }

    [Test]
    public void Remove_LeavesAFileThatIsBeingWritten()
    {
        using var writer = new FileStream(_folder.File(Temporary("a.json")), FileMode.CreateNew, FileAccess.Write, FileShare.None);
        writer.Write([1, 2, 3]);
        writer.Flush();

        Assert.That(Leftovers.Remove(_folder.Path, Leftovers.StorePattern), Is.Zero);
        Assert.That(Files(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Remove_LeavesTheFileOfAStoreAtWork()
    {
        var store = LocalFeedStoreTests.StoreAt(_folder.Path);
        var removed = -1;
        var content = new ObjectContent(() => new WhenRead(() => removed = Leftovers.Remove(_folder.Path, Leftovers.StorePattern)), 3, ObjectContent.Of([1, 2, 3]).Sha256);

        await store.CreateAsync("a.json", content, CancellationToken.None);

        Assert.That(removed, Is.Zero);
        Assert.That(Files(), Is.EqualTo(new[] { _folder.File("a.json") }));
    }

    [Test]
    public void Remove_TakesTheSpoolFilesOfDeadProcesses()
    {
        Put($"{Guid.NewGuid():N}.spool");
        Put($"deep/{Guid.NewGuid():N}.spool");

        Assert.That(Leftovers.Remove(_folder.Path, Leftovers.SpoolPattern), Is.EqualTo(2));
        Assert.That(Files(), Is.Empty);
    }

    [Test]
    public void Remove_LeavesALiveSpool_WhichCanBeReadAfterwards()
    {
        using var spool = new SpoolStream(_folder.Path, memoryBytes: 1);
        spool.Write([1, 2, 3]);
        var content = spool.ToContent();

        var removed = Leftovers.Remove(_folder.Path, Leftovers.SpoolPattern);

        Assert.That(spool.IsOnDisk, Is.True);
        Assert.That(removed, Is.Zero);
        using var reader = content.OpenRead();
        Assert.That(reader.Length, Is.EqualTo(3));
    }

    [TestCase("feed-1_0001.json.gz")]
    [TestCase("metadata.json")]
    [TestCase("notes.tmp")]
    [TestCase(".hidden")]
    [TestCase(".notes.tmp")]
    [TestCase("mine.spool")]
    [TestCase("deep/.photo.jpg.tmp")]
    public void Remove_LeavesForeignFiles(string name)
    {
        Put(name);

        Assert.That(Leftovers.Remove(_folder.Path, Leftovers.StorePattern), Is.Zero);
        Assert.That(Leftovers.Remove(_folder.Path, Leftovers.SpoolPattern), Is.Zero);
        Assert.That(_folder.File(name), Does.Exist);
    }

    [Test]
    public void Remove_StaysInItsFolder_WhenALinkLeadsOut()
    {
        using var elsewhere = new TempFolder();
        var theirs = elsewhere.File(Temporary("a.json"));
        File.WriteAllText(theirs, "theirs");
        Directory.CreateSymbolicLink(_folder.File("link"), elsewhere.Path);

        Assert.That(Leftovers.Remove(_folder.Path, Leftovers.StorePattern), Is.Zero);
        Assert.That(theirs, Does.Exist);
    }

    [Test]
    public void Remove_DoesNothing_WhenTheFolderIsNotThere() =>
        Assert.That(Leftovers.Remove(_folder.File("not yet"), Leftovers.StorePattern), Is.Zero);

    /// <summary>As a store names the file that will get <paramref name="name"/>.</summary>
    private static string Temporary(string name) => $".{name}.{Guid.NewGuid():N}.tmp";

    private void Put(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder.File(name))!);
        File.WriteAllText(_folder.File(name), "left");
    }

    private string[] Files() => Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None });

    /// <summary>Three bytes; something happens while they are read.</summary>
    private sealed class WhenRead(Action happens) : MemoryStream([1, 2, 3])
    {
        public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
        {
            happens();
            await base.CopyToAsync(destination, bufferSize, cancellationToken);
        }
    }
}

using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>A folder keeps the contract of all stores, leaves no temporary file, and is never seen half-written.</summary>
public sealed class LocalFeedStoreTests : StoreContract
{
    private const string Name = "feed-1_0001.json.gz";

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder()
    {
        try
        {
            Assert.That(AllFiles().Where(path => path.EndsWith(".tmp", StringComparison.Ordinal) && !path.Contains("of-somebody-else", StringComparison.Ordinal)), Is.Empty, "temporary files were left");
        }
        finally
        {
            _folder.Dispose();
        }
    }

    protected override IFeedStore Open(string prefix = "") => StoreAt(_folder.File("feeds"), prefix);

    [Test]
    public async Task CreateAsync_LetsExactlyOneWin_WhenManyWriteOneName()
    {
        var contents = Enumerable.Range(0, 20).Select(i => Enumerable.Repeat((byte)i, 200_000 + i).ToArray()).ToList();
        using var start = new Barrier(contents.Count);

        var wins = await Task.WhenAll(contents.Select(bytes => Task.Factory.StartNew(async () =>
        {
            start.SignalAndWait();
            try
            {
                await Open().CreateAsync(Name, ObjectContent.Of(bytes), CancellationToken.None);
                return true;
            }
            catch (FeedRejectedException)
            {
                return false;
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

        Assert.That(wins.Count(won => won), Is.EqualTo(1));
        Assert.That(File.ReadAllBytes(Open().Locate(Name)), Is.EqualTo(contents[Array.IndexOf(wins, true)]));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task TheLockOfAReader_KeepsNobodyFromAFeed()
    {
        var stored = await Open().CreateAsync(Name, ObjectContent.Of([1, 2, 3]), CancellationToken.None);
        // As any user may who can read it (flock).
        await using var reader = new FileStream(Open().Locate(Name), FileMode.Open, FileAccess.Read, FileShare.None);

        Assert.That(await Open().HoldsAsync(stored, CancellationToken.None));
        await using var read = await Open().OpenReadAsync(Name, CancellationToken.None);
        Assert.That(read, Is.Not.Null);
        await Open().ReplaceAsync(Name, ObjectContent.Of([4]), CancellationToken.None);
        await Open().DeleteAsync(Name, CancellationToken.None);
    }

    [Test]
    public void CreateAsync_NamesTheLength_WhenFewerBytesArrivedThanPromised() =>
        Assert.That(() => Open().CreateAsync(Name, Text("three") with { Bytes = 6 }, CancellationToken.None), Throws.InstanceOf<FeedException>().With.Message.Contains("5 bytes"));

    [Test]
    public async Task ReplaceAsync_ShowsOldOrNew_NeverAPart()
    {
        var versions = new[] { new string('a', 100_000), new string('b', 150_000) };
        await Open().ReplaceAsync("metadata.json", Text(versions[0]), CancellationToken.None);
        var writer = Task.Run(async () =>
        {
            for (var i = 1; i <= 40; i++)
            {
                await Open().ReplaceAsync("metadata.json", Text(versions[i % 2]), CancellationToken.None);
            }
        });

        do
        {
            Assert.That(versions, Does.Contain(File.ReadAllText(Open().Locate("metadata.json"))));
        }
        while (!writer.IsCompleted);

        await writer;
    }

    [Test]
    public async Task ListAsync_LeavesOutWhatIsStillBeingWritten()
    {
        await Open().CreateAsync("a.json", Text("one"), CancellationToken.None);
        await File.WriteAllTextAsync(_folder.File("feeds/.b.json.of-somebody-else.tmp"), "half");

        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "a.json" }));
    }

    // No user may write these, root included.
    [TestCase("/proc/facilityfeed", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderCannotBeMade")]
    [TestCase("file", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderIsAFile")]
    [TestCase("file/below", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderIsBelowAFile")]
    public void CheckAsync_NamesTheSetting(string path) => Assert.That(() => UnwritableAt(path).CheckAsync(CancellationToken.None), ThrowsRefusal());

    [TestCase("/proc/facilityfeed", TestName = "CreateAsync_NamesTheSetting_WhenTheFolderCannotBeMade")]
    [TestCase("file/below", TestName = "CreateAsync_NamesTheSetting_WhenTheFolderIsBelowAFile")]
    public void CreateAsync_NamesTheSetting(string path) => Assert.That(() => UnwritableAt(path).CreateAsync("a.json", Text("one"), CancellationToken.None), ThrowsRefusal());

    [Test]
    public void ReplaceAsync_NamesTheSetting_WhenTheFolderIsBelowAFile() =>
        Assert.That(() => UnwritableAt("file/below").ReplaceAsync("a.json", Text("one"), CancellationToken.None), ThrowsRefusal());

    [Test]
    public void CreateAsync_IsRefusedForGood_WhenTheNameIsTooLong() =>
        Assert.That(() => Open().CreateAsync(new string('n', 300), Text("one"), CancellationToken.None), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("cannot be the name of an object"));

    private static NUnit.Framework.Constraints.IResolveConstraint ThrowsRefusal() =>
        Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("LOCAL_STORAGE_PATH (Stores:local:Path)");

    private LocalFeedStore UnwritableAt(string path)
    {
        File.WriteAllText(_folder.File("file"), "");
        return StoreAt(Path.Combine(_folder.Path, path));
    }

    private string[] AllFiles() => Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None });

    internal static LocalFeedStore StoreAt(string path, string prefix = "") => new(new LocalStoreOptions { Path = path, Section = "Stores:local" }, prefix, CrashPoints.None);
}

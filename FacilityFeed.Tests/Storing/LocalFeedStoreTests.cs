using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

public sealed class LocalFeedStoreTests
{
    private const string Name = "feed-1_0001.json.gz";

    private TempFolder _folder = null!;
    private LocalFeedStore _store = null!;

    [SetUp]
    public void MakeStore()
    {
        _folder = new TempFolder();
        _store = StoreAt(_folder.File("feeds"));
    }

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task CreateAsync_StoresTheBytes_AndTellsWhatItStored()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        var stored = await _store.CreateAsync(Name, ObjectContent.Of(bytes), CancellationToken.None);

        Assert.That(stored, Is.EqualTo(new StoredObject(Name, 300_000, Convert.ToHexStringLower(SHA256.HashData(bytes)))));
        Assert.That(File.ReadAllBytes(_store.Locate(Name)), Is.EqualTo(bytes));
        Assert.That(AllFiles(), Is.EqualTo(new[] { _folder.File($"feeds/{Name}") }));
    }

    [Test]
    public async Task CreateAsync_Succeeds_WhenTheSameBytesAreThere()
    {
        var first = await _store.CreateAsync(Name, Text("one"), CancellationToken.None);

        var second = await _store.CreateAsync(Name, Text("one"), CancellationToken.None);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

    [TestCase("two")]
    [TestCase("one more")]
    [TestCase("")]
    public async Task CreateAsync_RefusesAndKeepsTheFirst_WhenOtherBytesAreThere(string other)
    {
        await _store.CreateAsync(Name, Text("one"), CancellationToken.None);

        Assert.That(() => _store.CreateAsync(Name, Text(other), CancellationToken.None),
            Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here").And.Message.Contains(Name));

        Assert.That(File.ReadAllText(_store.Locate(Name)), Is.EqualTo("one"));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

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
                await _store.CreateAsync(Name, ObjectContent.Of(bytes), CancellationToken.None);
                return true;
            }
            catch (FeedRejectedException)
            {
                return false;
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()));

        Assert.That(wins.Count(won => won), Is.EqualTo(1));
        Assert.That(File.ReadAllBytes(_store.Locate(Name)), Is.EqualTo(contents[Array.IndexOf(wins, true)]));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

    [Test]
    public void CreateAsync_LeavesNothing_WhenCancelledInTheMiddle()
    {
        using var cancel = new CancellationTokenSource();
        var content = new ObjectContent(() => new Interrupted(cancel.Cancel), 10_000_000, "");

        Assert.That(() => _store.CreateAsync(Name, content, cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(AllFiles(), Is.Empty);
    }

    [Test]
    public void CreateAsync_LeavesNothing_WhenTheContentBreaksOff()
    {
        var content = new ObjectContent(() => new Interrupted(() => throw new IOException("the disk is gone")), 10_000_000, "");

        Assert.That(() => _store.CreateAsync(Name, content, CancellationToken.None),
            Throws.InstanceOf<FeedException>().And.Not.InstanceOf<FeedRejectedException>().With.Message.Contains("the disk is gone"));

        Assert.That(AllFiles(), Is.Empty);
    }

    [Test]
    public void CreateAsync_LeavesNothing_WhenFewerBytesArrivedThanPromised()
    {
        var content = Text("three") with { Bytes = 6 };

        Assert.That(() => _store.CreateAsync(Name, content, CancellationToken.None), Throws.InstanceOf<FeedException>().With.Message.Contains("5 bytes"));

        Assert.That(AllFiles(), Is.Empty);
    }

    [Test]
    public async Task ReplaceAsync_TakesTheNewBytes_WhetherOrNotTheNameIsThere()
    {
        await _store.ReplaceAsync("metadata.json", Text("a longer first"), CancellationToken.None);
        await _store.ReplaceAsync("metadata.json", Text("second"), CancellationToken.None);

        Assert.That(File.ReadAllText(_store.Locate("metadata.json")), Is.EqualTo("second"));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task ReplaceAsync_KeepsTheOldBytes_WhenCancelledInTheMiddle()
    {
        await _store.ReplaceAsync("metadata.json", Text("old"), CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var content = new ObjectContent(() => new Interrupted(cancel.Cancel), 10_000_000, "");

        Assert.That(() => _store.ReplaceAsync("metadata.json", content, cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(File.ReadAllText(_store.Locate("metadata.json")), Is.EqualTo("old"));
        Assert.That(AllFiles(), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task ReplaceAsync_ShowsOldOrNew_NeverAPart()
    {
        var versions = new[] { new string('a', 100_000), new string('b', 150_000) };
        await _store.ReplaceAsync("metadata.json", Text(versions[0]), CancellationToken.None);
        var writer = Task.Run(async () =>
        {
            for (var i = 1; i <= 40; i++)
            {
                await _store.ReplaceAsync("metadata.json", Text(versions[i % 2]), CancellationToken.None);
            }
        });

        do
        {
            Assert.That(versions, Does.Contain(File.ReadAllText(_store.Locate("metadata.json"))));
        }
        while (!writer.IsCompleted);

        await writer;
    }

    private string[] AllFiles() => Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None });

    internal static LocalFeedStore StoreAt(string path, string prefix = "") => new(new LocalStoreOptions { Path = path, Section = "Stores:local" }, prefix);

    internal static ObjectContent Text(string text) => ObjectContent.Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Gives some bytes, then something happens, then more bytes.</summary>
    private sealed class Interrupted(Action happens) : MemoryStream(new byte[500_000])
    {
        private bool _hasHappened;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position > 200_000 && !_hasHappened)
            {
                _hasHappened = true;
                happens();
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }
}

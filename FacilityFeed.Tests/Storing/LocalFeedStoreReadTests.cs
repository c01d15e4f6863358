using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;
using static FacilityFeed.Tests.Storing.LocalFeedStoreTests;

namespace FacilityFeed.Tests.Storing;

public sealed class LocalFeedStoreReadTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [Test]
    public async Task HoldsAsync_IsTrue_WhenTheVeryBytesAreThere()
    {
        var store = StoreAt(_folder.Path);
        var stored = await store.CreateAsync("a.json", Text("one"), CancellationToken.None);

        Assert.That(await store.HoldsAsync(stored, CancellationToken.None), Is.True);
    }

    [TestCase("two", TestName = "HoldsAsync_IsFalse_WhenBytesWereChanged")]
    [TestCase("on", TestName = "HoldsAsync_IsFalse_WhenTheObjectWasCutOff")]
    [TestCase("one more", TestName = "HoldsAsync_IsFalse_WhenTheObjectGrew")]
    [TestCase(null, TestName = "HoldsAsync_IsFalse_WhenTheObjectIsGone")]
    public async Task HoldsAsync_IsFalse(string? now)
    {
        var store = StoreAt(_folder.Path);
        var stored = await store.CreateAsync("a.json", Text("one"), CancellationToken.None);
        File.Delete(_folder.File("a.json"));
        if (now is not null)
        {
            File.WriteAllText(_folder.File("a.json"), now);
        }

        Assert.That(await store.HoldsAsync(stored, CancellationToken.None), Is.False);
    }

    [Test]
    public async Task OpenReadAsync_ReadsFromTheStart()
    {
        var store = StoreAt(_folder.Path);
        await store.CreateAsync("a.json", Text("one"), CancellationToken.None);

        using var reader = new StreamReader((await store.OpenReadAsync("a.json", CancellationToken.None))!);

        Assert.That(await reader.ReadToEndAsync(), Is.EqualTo("one"));
    }

    [TestCase("missing.json")]
    [TestCase("folder/missing.json")]
    public async Task OpenReadAsync_IsNull_WhenThereIsNone(string name) =>
        Assert.That(await StoreAt(_folder.Path).OpenReadAsync(name, CancellationToken.None), Is.Null);

    [Test]
    public async Task ListAsync_GivesTheNamesThatBeginSo()
    {
        var store = StoreAt(_folder.Path);
        foreach (var name in new[] { "a-1_0001.json", "a-1_0002.json", "a-11_0001.json", "A-1_0003.json", "b-1_0001.json" })
        {
            await store.CreateAsync(name, Text(name), CancellationToken.None);
        }

        Assert.That(await ListAsync(store, "a-1_"), Is.EquivalentTo(new[] { "a-1_0001.json", "a-1_0002.json" }));
    }

    [Test]
    public async Task ListAsync_LeavesOutWhatIsStillBeingWritten()
    {
        var store = StoreAt(_folder.Path);
        await store.CreateAsync("a.json", Text("one"), CancellationToken.None);
        await File.WriteAllTextAsync(_folder.File($".b.json.{Guid.NewGuid():N}.tmp"), "half");

        Assert.That(await ListAsync(store, ""), Is.EqualTo(new[] { "a.json" }));
    }

    [Test]
    public async Task ListAsync_IsEmpty_WhenNothingWasEverWritten() =>
        Assert.That(await ListAsync(StoreAt(_folder.File("not yet")), "a"), Is.Empty);

    [Test]
    public async Task Prefix_IsAFolderOfItsOwn()
    {
        var (outer, inner) = (StoreAt(_folder.Path), StoreAt(_folder.Path, "partners/google/"));

        var stored = await inner.CreateAsync("a.json", Text("inner"), CancellationToken.None);
        await outer.CreateAsync("a.json", Text("outer"), CancellationToken.None);

        Assert.That(stored.Name, Is.EqualTo("a.json"));
        Assert.That(inner.Locate("a.json"), Is.EqualTo(_folder.File("partners/google/a.json")));
        Assert.That(File.ReadAllText(_folder.File("partners/google/a.json")), Is.EqualTo("inner"));
        Assert.That(await ListAsync(inner, ""), Is.EqualTo(new[] { "a.json" }));
        Assert.That(await ListAsync(outer, ""), Is.EqualTo(new[] { "a.json" }));
    }

    [Test]
    public async Task CheckAsync_LeavesNoFile()
    {
        await StoreAt(_folder.File("feeds"), "deep/er/").CheckAsync(CancellationToken.None);

        Assert.That(Directory.GetFiles(_folder.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }), Is.Empty);
    }

    // No user may write these, root included.
    [TestCase("/proc/facilityfeed", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderCannotBeMade")]
    [TestCase("file", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderIsAFile")]
    [TestCase("file/below", TestName = "CheckAsync_NamesTheSetting_WhenTheFolderIsBelowAFile")]
    public void CheckAsync_NamesTheSetting(string path)
    {
        var store = UnwritableAt(path);

        Assert.That(() => store.CheckAsync(CancellationToken.None), ThrowsRefusal());
    }

    [TestCase("/proc/facilityfeed", TestName = "CreateAsync_NamesTheSetting_WhenTheFolderCannotBeMade")]
    [TestCase("file/below", TestName = "CreateAsync_NamesTheSetting_WhenTheFolderIsBelowAFile")]
    public void CreateAsync_NamesTheSetting(string path)
    {
        var store = UnwritableAt(path);

        Assert.That(() => store.CreateAsync("a.json", Text("one"), CancellationToken.None), ThrowsRefusal());
    }

    [Test]
    public void ReplaceAsync_NamesTheSetting_WhenTheFolderIsBelowAFile()
    {
        var store = UnwritableAt("file/below");

        Assert.That(() => store.ReplaceAsync("a.json", Text("one"), CancellationToken.None), ThrowsRefusal());
    }

    [Test]
    public void CreateAsync_IsRefusedForGood_WhenTheNameIsTooLong() =>
        Assert.That(() => StoreAt(_folder.Path).CreateAsync(new string('n', 300), Text("one"), CancellationToken.None), ThrowsRefusal());

    private static NUnit.Framework.Constraints.IResolveConstraint ThrowsRefusal() =>
        Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("LOCAL_STORAGE_PATH (Stores:local:Path)");

    private LocalFeedStore UnwritableAt(string path)
    {
        File.WriteAllText(_folder.File("file"), "");
        return StoreAt(Path.Combine(_folder.Path, path));
    }

    private static async Task<List<string>> ListAsync(IFeedStore store, string start)
    {
        var names = new List<string>();
        await foreach (var name in store.ListAsync(start, CancellationToken.None))
        {
            names.Add(name);
        }

        return names;
    }
}

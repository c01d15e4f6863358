using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>What every store keeps to.</summary>
public abstract class StoreContract
{
    private const string Name = "feed-1_0001.json.gz";

    /// <summary>Opens the test's place; each test has one of its own.</summary>
    protected abstract IFeedStore Open(string prefix = "");

    [Test]
    public async Task CreateAsync_StoresTheBytes_AndTellsWhatItStored()
    {
        var bytes = RandomNumberGenerator.GetBytes(300_000);

        var stored = await Open().CreateAsync(Name, ObjectContent.Of(bytes), CancellationToken.None);

        Assert.That(stored with { ETag = null }, Is.EqualTo(new StoredObject(Name, 300_000, Convert.ToHexStringLower(SHA256.HashData(bytes)))));
        Assert.That(await ReadAsync(Open(), Name), Is.EqualTo(bytes));
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { Name }));
    }

    [TestCase("../elsewhere.json")]
    [TestCase("..")]
    [TestCase(".")]
    [TestCase("")]
    [TestCase("/tmp/elsewhere.json")]
    [TestCase("below/elsewhere.json")]
    [TestCase("..\\elsewhere.json")]
    [TestCase(".x/../../elsewhere.json")]
    [TestCase("two\nlines.json")]
    [TestCase("nul\0.json")]
    public async Task NothingIsDone_WithANameThatLeadsElsewhere(string name)
    {
        var store = Open("inner/");
        foreach (var call in new Func<Task>[]
        {
            () => store.CreateAsync(name, Text("one"), CancellationToken.None),
            () => store.ReplaceAsync(name, Text("one"), CancellationToken.None),
            () => store.OpenReadAsync(name, CancellationToken.None),
            () => store.HoldsAsync(new StoredObject(name, 3, "00"), CancellationToken.None),
            () => store.DeleteAsync(name, CancellationToken.None),
        })
        {
            Assert.That(async () => await call(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("cannot be the name of an object").And.Message.Not.Contains("\n"));
        }

        Assert.That(await NamesAsync(), Is.Empty);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(40 * 1024 * 1024 + 7)]
    public async Task CreateAsync_TakesAnySize(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);

        var stored = await Open().CreateAsync(Name, ObjectContent.Of(bytes), CancellationToken.None);

        Assert.That(stored.Bytes, Is.EqualTo(length));
        Assert.That(SHA256.HashData(await ReadAsync(Open(), Name)), Is.EqualTo(SHA256.HashData(bytes)));
        Assert.That(await Open().HoldsAsync(stored, CancellationToken.None), Is.True);
    }

    [Test]
    public async Task CreateAsync_Succeeds_WhenTheSameBytesAreThere()
    {
        var first = await Open().CreateAsync(Name, Text("one"), CancellationToken.None);

        var second = await Open().CreateAsync(Name, Text("one"), CancellationToken.None);

        Assert.That(second, Is.EqualTo(first));
        Assert.That(await NamesAsync(), Has.Count.EqualTo(1));
    }

    [TestCase("two")]
    [TestCase("one more")]
    [TestCase("")]
    public async Task CreateAsync_RefusesAndKeepsTheFirst_WhenOtherBytesAreThere(string other)
    {
        await Open().CreateAsync(Name, Text("one"), CancellationToken.None);

        Assert.That(() => Open().CreateAsync(Name, Text(other), CancellationToken.None),
            Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("another installation publishes here").And.Message.Contains(Name));

        Assert.That(await ReadAsync(Open(), Name), Is.EqualTo("one"u8.ToArray()));
    }

    [TestCase(500_000)]
    [TestCase(40 * 1024 * 1024)]
    public async Task CreateAsync_LeavesNothing_WhenCancelledInTheMiddle(int length)
    {
        using var cancel = new CancellationTokenSource();

        Assert.That(() => Open().CreateAsync(Name, Interrupted.Content(cancel.Cancel, length), cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await NamesAsync(), Is.Empty);
    }

    [TestCase(500_000)]
    [TestCase(40 * 1024 * 1024)]
    public async Task CreateAsync_LeavesNothing_WhenTheContentBreaksOff(int length)
    {
        var content = Interrupted.Content(() => throw new IOException("the disk is gone"), length);

        Assert.That(() => Open().CreateAsync(Name, content, CancellationToken.None),
            Throws.InstanceOf<FeedException>().And.Not.InstanceOf<FeedRejectedException>().With.Message.Contains("the disk is gone"));

        Assert.That(await NamesAsync(), Is.Empty);
    }

    [Test]
    public async Task CreateAsync_LeavesNothing_WhenFewerBytesArrivedThanPromised()
    {
        Assert.That(() => Open().CreateAsync(Name, Text("three") with { Bytes = 6 }, CancellationToken.None), Throws.InstanceOf<FeedException>());

        Assert.That(await NamesAsync(), Is.Empty);
    }

    [TestCase("two words.json")]
    [TestCase("plus+and=equals&more.json")]
    [TestCase("Zürich 体育館 🏋️.json")]
    [TestCase("percent%20 hash# question?.json")]
    [TestCase("'quote' (brackets) [x] {y}~!*$,;:@.json")]
    public async Task CreateAsync_TakesOddNames(string name)
    {
        var stored = await Open().CreateAsync(name, Text("odd"), CancellationToken.None);

        Assert.That(await ReadAsync(Open(), name), Is.EqualTo("odd"u8.ToArray()));
        Assert.That(await Open().HoldsAsync(stored, CancellationToken.None), Is.True);
        Assert.That(await NamesAsync(), Is.EqualTo(new[] { name }));
    }

    [Test]
    public async Task ReplaceAsync_TakesTheNewBytes_WhetherOrNotTheNameIsThere()
    {
        await Open().ReplaceAsync("metadata.json", Text("a longer first"), CancellationToken.None);
        await Open().ReplaceAsync("metadata.json", Text("second"), CancellationToken.None);

        Assert.That(await ReadAsync(Open(), "metadata.json"), Is.EqualTo("second"u8.ToArray()));
        Assert.That(await NamesAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task ReplaceAsync_KeepsTheOldBytes_WhenCancelledInTheMiddle()
    {
        await Open().ReplaceAsync("metadata.json", Text("old"), CancellationToken.None);
        using var cancel = new CancellationTokenSource();

        Assert.That(() => Open().ReplaceAsync("metadata.json", Interrupted.Content(cancel.Cancel), cancel.Token), Throws.InstanceOf<OperationCanceledException>());

        Assert.That(await ReadAsync(Open(), "metadata.json"), Is.EqualTo("old"u8.ToArray()));
        Assert.That(await NamesAsync(), Has.Count.EqualTo(1));
    }

    [TestCase("two", TestName = "HoldsAsync_IsFalse_WhenBytesWereChanged")]
    [TestCase("on", TestName = "HoldsAsync_IsFalse_WhenTheObjectWasCutOff")]
    [TestCase("one more", TestName = "HoldsAsync_IsFalse_WhenTheObjectGrew")]
    [TestCase(null, TestName = "HoldsAsync_IsFalse_WhenTheObjectIsGone")]
    public async Task HoldsAsync_IsFalse(string? now)
    {
        var stored = await Open().CreateAsync("a.json", Text("one"), CancellationToken.None);
        Assert.That(await Open().HoldsAsync(stored, CancellationToken.None), Is.True);

        await Open().DeleteAsync("a.json", CancellationToken.None);
        if (now is not null)
        {
            await Open().ReplaceAsync("a.json", Text(now), CancellationToken.None);
        }

        Assert.That(await Open().HoldsAsync(stored, CancellationToken.None), Is.False);
    }

    [Test]
    public async Task OpenReadAsync_CanBeReadTwice()
    {
        await Open().CreateAsync("a.json", Text("one"), CancellationToken.None);

        await using var stored = (await Open().OpenReadAsync("a.json", CancellationToken.None))!;
        using var reader = new StreamReader(stored);
        var first = await reader.ReadToEndAsync();
        stored.Position = 1;
        reader.DiscardBufferedData();

        Assert.That((stored.Length, first, await reader.ReadToEndAsync()), Is.EqualTo((3L, "one", "ne")));
    }

    [TestCase("")]
    [TestCase("folder/")]
    public async Task OpenReadAsync_IsNull_WhenThereIsNone(string prefix) =>
        Assert.That(await Open(prefix).OpenReadAsync("missing.json", CancellationToken.None), Is.Null);

    [Test]
    public async Task ListAsync_GivesTheNamesThatBeginSo()
    {
        foreach (var name in new[] { "a-1_0001.json", "a-1_0002.json", "a-11_0001.json", "A-1_0003.json", "b-1_0001.json" })
        {
            await Open().CreateAsync(name, Text(name), CancellationToken.None);
        }

        Assert.That(await NamesAsync("a-1_"), Is.EquivalentTo(new[] { "a-1_0001.json", "a-1_0002.json" }));
    }

    [Test]
    public async Task ListAsync_IsEmpty_WhenNothingWasEverWritten() => Assert.That(await NamesAsync("a"), Is.Empty);

    [Test]
    public async Task DeleteAsync_RemovesOne_AndMindsNoneThatIsGone()
    {
        await Open().CreateAsync("a.json", Text("one"), CancellationToken.None);
        await Open().CreateAsync("b.json", Text("two"), CancellationToken.None);

        await Open().DeleteAsync("a.json", CancellationToken.None);
        await Open().DeleteAsync("a.json", CancellationToken.None);

        Assert.That(await NamesAsync(), Is.EqualTo(new[] { "b.json" }));
    }

    [Test]
    public async Task Prefix_IsAPlaceOfItsOwn()
    {
        var (outer, inner) = (Open(), Open("partners/google/"));

        var stored = await inner.CreateAsync("a.json", Text("inner"), CancellationToken.None);
        await outer.CreateAsync("a.json", Text("outer"), CancellationToken.None);

        Assert.That(stored.Name, Is.EqualTo("a.json"));
        Assert.That(inner.Locate("a.json"), Is.EqualTo(outer.Locate("partners/google/a.json")));
        Assert.That(await ReadAsync(inner, "a.json"), Is.EqualTo("inner"u8.ToArray()));
        Assert.That(await NamesAsync(inner), Is.EqualTo(new[] { "a.json" }));
        Assert.That(await NamesAsync(outer), Is.EqualTo(new[] { "a.json" }));
    }

    [Test]
    public async Task CheckAsync_LeavesNothing()
    {
        await Open("deep/er/").CheckAsync(CancellationToken.None);

        Assert.That(await NamesAsync(Open("deep/er/")), Is.Empty);
        Assert.That(await NamesAsync(), Is.Empty);
    }

    [Test]
    public async Task ClaimAsync_MayBeRepeated_AndLeavesNothingWhenReleased()
    {
        await Open().ClaimAsync("feed-1", CancellationToken.None);
        await Open().ClaimAsync("feed-1", CancellationToken.None);
        await Open().ReleaseAsync("feed-1", CancellationToken.None);

        Assert.That(await NamesAsync(), Is.Empty);
    }

    protected static ObjectContent Text(string text) => ObjectContent.Of(Encoding.UTF8.GetBytes(text));

    protected static async Task<byte[]> ReadAsync(IFeedStore store, string name)
    {
        await using var stored = await store.OpenReadAsync(name, CancellationToken.None);
        using var bytes = new MemoryStream();
        await stored!.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    protected Task<IReadOnlyList<string>> NamesAsync(string start = "") => NamesAsync(Open(), start);

    protected static async Task<IReadOnlyList<string>> NamesAsync(IFeedStore store, string start = "")
    {
        var names = new List<string>();
        await foreach (var name in store.ListAsync(start, CancellationToken.None))
        {
            names.Add(name);
        }

        return names;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A store that answers whatever comes into its head: nothing hangs, nothing unsorted comes out, and nothing of it is kept.</summary>
public sealed class HostileS3Tests
{
    private const int Rounds = 10_000;
    private const int WarmUp = 500;
    private const int Workers = 16;
    private const int Seed = 12_2026;
    private const long MiB = 1024 * 1024;

    private static readonly Guid _installation = new("5d0c7b8e-0d0c-4a06-9f5f-4f1c3a1f2b11");
    private static readonly byte[] _content = [.. Enumerable.Range(0, 3000).Select(number => (byte)number)];

    // Silence costs a round this time, for headers and for the body.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);

    // Far more than the requests of one operation may take when each of them uses up its time.
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);

    [Test]
    [CancelAfter(300_000)]
    public async Task RandomAnswers_EndInASortedError_AndInTime(CancellationToken deadline)
    {
        using var folder = new TempFolder();
        var wrong = new ConcurrentQueue<string>();
        var kinds = new ConcurrentDictionary<string, int>();
        await RunAsync(0, WarmUp, folder, wrong, kinds, deadline);
        var idle = Measure();

        var begin = Stopwatch.GetTimestamp();
        await RunAsync(WarmUp, Rounds, folder, wrong, kinds, deadline);
        var took = Stopwatch.GetElapsedTime(begin);

        var after = Measure();
        await TestContext.Out.WriteLineAsync($"seed {Seed}: {Rounds:N0} rounds in {took.TotalSeconds:0} s; managed {idle.Managed / MiB} -> {after.Managed / MiB} MiB, working set {idle.WorkingSet / MiB} -> {after.WorkingSet / MiB} MiB; {string.Join(", ", kinds.OrderByDescending(kind => kind.Value).Select(kind => $"{kind.Key} {kind.Value:N0}"))}");
        Assert.That(wrong, Is.Empty, $"seed {Seed}; a round is repeated by its number");
        Assert.That((after.Managed - idle.Managed) / MiB, Is.LessThan(100), "MiB of managed memory");
        Assert.That((after.WorkingSet - idle.WorkingSet) / MiB, Is.LessThan(100), "MiB of memory");
        Assert.That(Directory.EnumerateFileSystemEntries(folder.Path), Is.Empty, "nothing is left in the spool");
    }

    private static async Task RunAsync(int first, int count, TempFolder folder, ConcurrentQueue<string> wrong, ConcurrentDictionary<string, int> kinds, CancellationToken deadline)
    {
        var next = first - 1;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => Task.Run(async () =>
        {
            await using var server = new HostileS3((_, _) => Task.CompletedTask) { KeepsRequests = false };
            using var connection = new S3Connection(Options(server), triesAgain: false);
            var store = new S3FeedStore(connection, "feed/", _installation, folder.Path);
            while (Interlocked.Increment(ref next) is var round && round < first + count)
            {
                await RoundAsync(round, server, store, wrong, kinds, deadline);
            }
        }, deadline)));
    }

    private static async Task RoundAsync(int round, HostileS3 server, S3FeedStore store, ConcurrentQueue<string> wrong, ConcurrentDictionary<string, int> kinds, CancellationToken deadline)
    {
        var random = new Random(unchecked((Seed * 31) + round));
        var answers = new SpoiltAnswers(new HonestS3(_installation, _content), random);
        server.Script = answers.AnswerAsync;
        var (name, operation) = Choose(random, store);
        var begin = Stopwatch.GetTimestamp();
        var kind = "fine";
        try
        {
            await operation(deadline).WaitAsync(_limit, deadline);
        }
        catch (FeedException sorted)
        {
            kind = sorted.GetType().Name;
            if (sorted.Message.Any(char.IsControl) || sorted.Message.Length > 4000)
            {
                wrong.Enqueue($"round {round}, {name}: {ShownMessage(sorted.Message)}");
            }
        }
        catch (Exception unsorted) when (!deadline.IsCancellationRequested)
        {
            kind = unsorted.GetType().Name;
            wrong.Enqueue($"round {round}, {name}, after {Stopwatch.GetElapsedTime(begin).TotalSeconds:0.0} s: {unsorted}");
        }

        kinds.AddOrUpdate(kind, 1, (_, known) => known + 1);
    }

    private static (string Name, Func<CancellationToken, Task> Run) Choose(Random random, S3FeedStore store)
    {
        var name = $"name-{random.Next(3)}.json";
        var content = ObjectContent.Of(_content);
        return random.Next(10) switch
        {
            0 => ("check", store.CheckAsync),
            1 => ("create", token => store.CreateAsync(name, content, token)),
            2 => ("create in parts", token => store.CreateAsync(name, ObjectContent.Of(new byte[12_000]), token)),
            3 => ("replace", token => store.ReplaceAsync(ObjectNames.Alias, content, token)),
            4 => ("holds", token => store.HoldsAsync(new StoredObject(name, _content.Length, content.Sha256, "\"1\""), token)),
            5 => ("read alias", token => ReadAsync(store, ObjectNames.Alias, token)),
            6 => ("read", token => ReadAsync(store, name, token)),
            7 => ("list", token => ListAsync(store, token)),
            8 => ("delete", token => store.DeleteAsync(name, token)),
            _ => ("claim", token => store.ClaimAsync("name-1", token)),
        };
    }

    private static async Task ReadAsync(S3FeedStore store, string name, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenReadAsync(name, cancellationToken) ?? Stream.Null;
        await stored.CopyToAsync(Stream.Null, cancellationToken);
    }

    private static async Task ListAsync(S3FeedStore store, CancellationToken cancellationToken)
    {
        await foreach (var _ in store.ListAsync("name-", cancellationToken))
        {
            // Only counted by the limit.
        }
    }

    private static S3StoreOptions Options(HostileS3 server) => new()
    {
        Section = "Stores:s3",
        Bucket = "bucket",
        Prefix = "partner/",
        Provider = S3Provider.S3Compatible,
        Endpoint = server.Address,
        AccessKeyId = "AKIA",
        SecretAccessKey = "secret",
        MultipartAboveBytes = 10_000,
        PartBytes = 5_000,
        RequestTimeout = _patience,
    };

    private static string ShownMessage(string message) => $"{message.Length} letters: {Convert.ToHexString(Encoding.UTF8.GetBytes(message[..Math.Min(200, message.Length)]))}";

    /// <summary>What is in use when all that is not has been given back.</summary>
    private static (long Managed, long WorkingSet) Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        return (GC.GetTotalMemory(forceFullCollection: true), process.WorkingSet64);
    }
}

using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>All that feeds are made with, as checks: the state, and each feed's schedule, source and store.</summary>
internal sealed class Examination : IAsyncDisposable
{
    /// <summary>Whoever asks what is wrong does not wait for minutes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    private readonly ServiceSettings _settings;
    private readonly Databases? _databases;
    private readonly TimeProvider _time;
    private readonly FeedStores _stores;
    private readonly SourcePool? _ownSource;

    /// <param name="settings">What is configured.</param>
    /// <param name="databases">The open databases, which stay open; null when the state cannot be opened.</param>
    /// <param name="time">The clock.</param>
    public Examination(ServiceSettings settings, Databases? databases, TimeProvider time)
    {
        _settings = settings;
        _databases = databases;
        _time = time;
        // Clients of its own, which give up sooner than a run's.
        _stores = new FeedStores(Guid.NewGuid(), settings.State.SpoolDirectory, CrashPoints.None);
        // A source of its own can be looked at without the state; the sample lies beside it.
        _ownSource = databases is null && settings.Source is not null ? new SourcePool(settings.Source) : null;
    }

    /// <summary>The checks, in the order of the way that a facility travels.</summary>
    public IReadOnlyList<Check> Checks =>
    [
        .. _databases is { } databases ? [new Check(StateExam.Subject, token => StateExam.ExamineAsync(databases, _time, token))] : Array.Empty<Check>(),
        .. _settings.Feeds.Values.Select(ScheduleCheck),
        .. SourceChecks(),
        .. _settings.Feeds.Values.GroupBy(feed => feed.Store, StringComparer.OrdinalIgnoreCase).Select(feeds => StoreCheck([.. feeds])),
    ];

    public async ValueTask DisposeAsync()
    {
        _stores.Dispose();
        await (_ownSource?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private Check ScheduleCheck(FeedDefinition feed)
    {
        var subject = $"schedule of feed {feed.Key}";
        return new Check(subject, token => ScheduleExam.ExamineAsync(subject, feed, _databases, _time, token));
    }

    // Feeds of one table, such as entities and actions, have one source: what is wrong with it is said once.
    private IEnumerable<Check> SourceChecks() =>
        from feed in _settings.Feeds.Values
        group feed by (feed.Table, feed.ChunkSize, feed.MaxChunks) into feeds
        let source = _databases?.Source ?? _ownSource
        where source is not null
        let first = feeds.First()
        let subject = SubjectOf("source", [.. feeds])
        select new Check(subject, token => SourceExam.ExamineAsync(subject, first, source.For(first.Table), (_databases?.SourceOptions ?? _settings.Source!).Identity, token));

    private Check StoreCheck(FeedDefinition[] feeds)
    {
        var subject = SubjectOf("store", feeds);
        var probe = StoreExam.NewProbe(_time);
        return new Check(subject, token => ExamineStoreAsync(subject, feeds, probe, token));
    }

    /// <summary>Rights may end at a prefix, so each feed's place is tried; but what is wrong with all of them, such as a bucket that is not there, is said once.</summary>
    private async Task<IReadOnlyList<Finding>> ExamineStoreAsync(string subject, FeedDefinition[] feeds, string probe, CancellationToken cancellationToken)
    {
        try
        {
            var options = Hurried(_settings.Stores[feeds[0].Store]);
            var root = RootOf(_stores.Open(options, prefix: ""));
            var places = feeds.Select(feed => _stores.Open(options, feed.Prefix)).ToArray();
            var found = await Task.WhenAll(places.Select(place => StoreExam.ExamineAsync(subject, place, probe, _time, cancellationToken)));
            return
            [
                .. from pair in places.Zip(found)
                   from finding in pair.Second
                   let gist = finding.Severity == Severity.Ok ? finding.Text : finding.Text.Replace(pair.First.Locate(""), root, StringComparison.Ordinal).Replace(RootOf(pair.First), root, StringComparison.Ordinal)
                   group finding by gist into equal
                   select equal.First(),
            ];
        }
        catch (FeedException refused)
        {
            return [new Finding(Severity.Error, subject, refused.Message)];
        }
    }

    private static string RootOf(IFeedStore store) => store.Locate("").TrimEnd('/');

    private static string SubjectOf(string what, FeedDefinition[] feeds) => $"{what} of feed{(feeds.Length == 1 ? "" : "s")} {string.Join(", ", feeds.Select(feed => feed.Key))}";

    private static StoreOptions Hurried(StoreOptions options) => options is S3StoreOptions s3 && s3.RequestTimeout > _patience ? s3 with { RequestTimeout = _patience } : options;
}

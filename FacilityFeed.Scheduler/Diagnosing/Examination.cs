using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Files;
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

    /// <summary>For some ten requests, each with <see cref="_patience"/> and tried again.</summary>
    private static readonly TimeSpan _storeLimit = TimeSpan.FromMinutes(2);

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
        .. _databases is { } databases ? [Limited(StateExam.Subject, 2 * _patience, async token => [.. await StateExam.ExamineAsync(databases, _settings.State, _time, token), .. await ProtocolExam.ExamineAsync(databases, _settings.Feeds.Keys, token), .. Open(StateExam.Subject, _settings.State.DataDirectory)])] : Array.Empty<Check>(),
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
        return Limited(subject, 2 * _patience, token => ScheduleExam.ExamineAsync(subject, feed, _databases, _time, token));
    }

    /// <summary>With an end: a database may send a little for ever, which no time-out of a statement notices.</summary>
    private static Check Limited(string subject, TimeSpan limit, Func<CancellationToken, Task<IReadOnlyList<Finding>>> examine) => new(subject, async token =>
    {
        try
        {
            return await TimeLimit.RunAsync(examine, limit, token);
        }
        catch (OverdueException late)
        {
            return [new Finding(Severity.Error, subject, $"it came to no end within {late.Limit.TotalSeconds:0} s, whatever was sent meanwhile. See what its database does; if a table only needs longer to be looked at, raise Source:StatementTimeoutSeconds")];
        }
    });

    // Feeds of one table, such as entities and actions, have one source: what is wrong with it is said once.
    private IEnumerable<Check> SourceChecks() =>
        from feed in _settings.Feeds.Values
        group feed by (feed.Table, feed.ChunkSize, feed.MaxChunks, feed.Guard.MaxShards) into feeds
        let source = _databases?.Source ?? _ownSource
        where source is not null
        let first = feeds.First()
        let subject = SubjectOf("source", [.. feeds])
        let options = _databases?.SourceOptions ?? _settings.Source!
        select Limited(subject, options.ExamLimit + _patience, token => SourceExam.ExamineAsync(subject, first, source.For(first.Table, first.Key), options, token));

    private Check StoreCheck(FeedDefinition[] feeds)
    {
        var subject = SubjectOf("store", feeds);
        var probe = StoreExam.NewProbe(_time);
        // A folder whose disk is gone does not even come back to be cancelled, and the other checks' findings are said together with this one's.
        return new Check(subject, async token =>
        {
            try
            {
                return await TimeLimit.RunAsync(stop => ExamineStoreAsync(subject, feeds, probe, stop), _storeLimit, token);
            }
            catch (OverdueException late)
            {
                return [new Finding(Severity.Error, subject, $"{_settings.Stores[feeds[0].Store].PlaceOf("")} did not answer within {late.Limit.TotalSeconds:0} s. Check the disk or the network")];
            }
        });
    }

    /// <summary>Rights may end at a prefix, so each feed's place is tried; but what is wrong with all of them, such as a bucket that is not there, is said once.</summary>
    private async Task<IReadOnlyList<Finding>> ExamineStoreAsync(string subject, FeedDefinition[] feeds, string probe, CancellationToken cancellationToken)
    {
        try
        {
            var options = Hurried(_settings.Stores[feeds[0].Store]);
            var root = RootOf(_stores.Open(options, prefix: ""));
            var places = feeds.Select(feed => _stores.Open(options, feed.Prefix, feed.Key)).ToArray();
            var found = await Task.WhenAll(places.Select(place => StoreExam.ExamineAsync(subject, place, probe, _time, cancellationToken)));
            return
            [
                .. from pair in places.Zip(found)
                   from finding in pair.Second
                   let gist = finding.Severity == Severity.Ok ? finding.Text : finding.Text.Replace(pair.First.Locate(""), root, StringComparison.Ordinal).Replace(RootOf(pair.First), root, StringComparison.Ordinal)
                   group finding by gist into equal
                   select equal.First(),
                .. options is LocalStoreOptions ? Open(subject, [.. feeds.Select(feed => options.PlaceOf(feed.Prefix))]) : [],
            ];
        }
        catch (FeedException refused)
        {
            return [new Finding(Severity.Error, subject, refused.Message)];
        }
    }

    /// <summary>What others may write to on the way to our folders. What is above DATA_DIR too is said of the state alone.</summary>
    private IEnumerable<Finding> Open(string subject, params string[] paths)
    {
        var data = _settings.State.DataDirectory;
        var said = paths.Contains(data) ? [] : OpenFolders.Describe(data);
        return paths.SelectMany(OpenFolders.Describe).Except(said).Select(text => new Finding(Severity.Warning, subject, text));
    }

    private static string RootOf(IFeedStore store) => store.Locate("").TrimEnd('/');

    private static string SubjectOf(string what, FeedDefinition[] feeds) => $"{what} of feed{(feeds.Length == 1 ? "" : "s")} {string.Join(", ", feeds.Select(feed => feed.Key))}";

    private static StoreOptions Hurried(StoreOptions options) => options is S3StoreOptions s3 && s3.RequestTimeout > _patience ? s3 with { RequestTimeout = _patience } : options;
}

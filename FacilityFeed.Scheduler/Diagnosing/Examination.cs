using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
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
        // Clients of its own, for they give up sooner than a run's.
        _stores = new FeedStores(Guid.NewGuid(), settings.State.SpoolDirectory, CrashPoints.None);
        // A source of its own can be looked at without the state; the sample lies beside it.
        _ownSource = databases is null && settings.Source is not null ? new SourcePool(settings.Source) : null;
    }

    /// <summary>The checks, in the order of the way that a facility travels.</summary>
    public IEnumerable<Check> Checks => [.. StateChecks(), .. _settings.Feeds.Values.Select(ScheduleCheck), .. SourceChecks(), .. _settings.Feeds.Values.Select(StoreCheck)];

    public async ValueTask DisposeAsync()
    {
        _stores.Dispose();
        await (_ownSource?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private IEnumerable<Check> StateChecks()
    {
        if (_databases is { } databases)
        {
            yield return new Check(StateExam.Subject, token => StateExam.ExamineAsync(databases, _time, token));
        }
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
        let subject = feeds.Count() == 1 ? $"source of feed {first.Key}" : $"source of feeds {string.Join(", ", feeds.Select(feed => feed.Key))}"
        select new Check(subject, token => SourceExam.ExamineAsync(subject, first, source.For(first.Table), (_databases?.SourceOptions ?? _settings.Source!).Identity, token));

    private Check StoreCheck(FeedDefinition feed)
    {
        var subject = $"store of feed {feed.Key}";
        var probe = StoreExam.NewProbe(_time);
        return new Check(subject, async token =>
        {
            try
            {
                return await StoreExam.ExamineAsync(subject, _stores.Open(Hurried(_settings.Stores[feed.Store]), feed.Prefix), probe, _time, token);
            }
            catch (FeedException refused)
            {
                return [new Finding(Severity.Error, subject, refused.Message)];
            }
        });
    }

    private static StoreOptions Hurried(StoreOptions options) => options is S3StoreOptions s3 && s3.RequestTimeout > _patience ? s3 with { RequestTimeout = _patience } : options;
}

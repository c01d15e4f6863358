using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Diagnosing;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Connects to everything that is configured and says what is wrong and what to do. Makes no feed.</summary>
internal static class DoctorCommand
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var worst = Severity.Ok;
        await foreach (var finding in ExamineAsync(cancellationToken))
        {
            await Console.Out.WriteLineAsync(finding.ToString());
            worst = finding.Severity > worst ? finding.Severity : worst;
        }

        return worst == Severity.Error ? CommandLine.BadConfiguration : CommandLine.Ok;
    }

    private static async IAsyncEnumerable<Finding> ExamineAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Settings that cannot be read are told by the command line, all of them at once.
        var settings = SettingsSource.Read();
        yield return new Finding(Severity.Ok, "settings", $"feeds {string.Join(", ", settings.Feeds.Keys)}; stores {string.Join(", ", settings.Stores.Keys)}");

        var (databases, failure) = await OpenAsync(settings, cancellationToken);
        await using var opened = databases;
        foreach (var finding in failure is null ? await StateExam.ExamineAsync(databases!, TimeProvider.System) : [failure])
        {
            yield return finding;
        }

        // A source of its own can be looked at without the state; the sample lies beside it.
        await using var own = databases is null && settings.Source is not null ? new SourcePool(settings.Source) : null;
        using var stores = new FeedStores(Guid.NewGuid(), settings.State.SpoolDirectory, CrashPoints.None);
        foreach (var feed in settings.Feeds.Values)
        {
            if ((databases?.Source ?? own) is { } source)
            {
                await foreach (var finding in SourceExam.ExamineAsync(feed, source.For(feed.Table), (databases?.SourceOptions ?? settings.Source!).Identity, cancellationToken))
                {
                    yield return finding;
                }
            }

            var (store, unusable) = Open(stores, settings.Stores[feed.Store], feed);
            if (unusable is not null)
            {
                yield return unusable;
                continue;
            }

            await foreach (var finding in StoreExam.ExamineAsync(feed, store!, cancellationToken))
            {
                yield return finding;
            }
        }
    }

    private static (IFeedStore? Store, Finding? Unusable) Open(FeedStores stores, StoreOptions options, FeedDefinition feed)
    {
        try
        {
            // Whoever asks what is wrong does not wait for minutes.
            return (stores.Open(options is S3StoreOptions s3 ? s3 with { RequestTimeout = Min(s3.RequestTimeout, _patience) } : options, feed.Prefix), null);
        }
        catch (FeedException refused)
        {
            return (null, new Finding(Severity.Error, $"store of feed {feed.Key}", refused.Message));
        }
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static async Task<(Databases? Databases, Finding? Failure)> OpenAsync(ServiceSettings settings, CancellationToken cancellationToken)
    {
        Databases? databases = null;
        try
        {
            // Whoever asks what is wrong wants to know now.
            databases = await Databases.OpenAsync(settings, new Patience(TimeProvider.System, limit: TimeSpan.Zero), cancellationToken);
            Folders.Prepare(settings.State);
            await HangfireStorage.InstallAsync(databases, cancellationToken);
            return (databases, null);
        }
        catch (FeedException refused)
        {
            await (databases?.DisposeAsync() ?? ValueTask.CompletedTask);
            return (null, new Finding(Severity.Error, "state database", refused.Message));
        }
    }
}

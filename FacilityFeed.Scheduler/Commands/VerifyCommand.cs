using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Scheduler.Hosting;
using Npgsql;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Reads a published feed back and says whether it keeps its promises.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(string path, bool isJson, CancellationToken cancellationToken)
    {
        RefuseAddress(path);
        var settings = ReadSettings(isNeeded: S3Address.IsOne(path));
        using var stores = new FeedStores(Guid.Empty, settings?.State.SpoolDirectory ?? Path.GetTempPath(), CrashPoints.None);
        var (store, name) = Open(path, settings, stores);
        await using var ledger = await TryOpenLedgerAsync(settings, cancellationToken);
        var verifier = new FeedVerifier(store, (manifest, token) => FindRecordedAsync(ledger, manifest, token), TimeProvider.System);
        var verdict = await verifier.VerifyAsync(name, cancellationToken);
        await VerdictText.WriteAsync(path, verdict, isJson);
        return verdict.ProblemCount == 0 ? CommandLine.Ok : CommandLine.Failed;
    }

    /// <exception cref="FeedRejectedException">It is the address of something else, in which a password may be; it is not shown.</exception>
    private static void RefuseAddress(string path)
    {
        if (!S3Address.IsOne(path) && (path.Contains("://", StringComparison.Ordinal) || (path is not ['/' or '.', ..] && (path.Split('/')[0].Contains(':') || GivenText.HasCredentials(path)))))
        {
            throw new FeedRejectedException($"a manifest is named by its path, or as s3://bucket/prefix/metadata.json; what was given is neither {GivenText.Hidden}. Write ./ before a path with ':' in its first part");
        }
    }

    /// <summary>The folder that the manifest lies in, or the bucket and prefix.</summary>
    private static (IFeedStore Store, string Name) Open(string path, ServiceSettings? settings, FeedStores stores)
    {
        if (S3Address.IsOne(path))
        {
            var address = S3Address.Parse(path);
            return (stores.Open(address.In(settings!), prefix: ""), address.Name);
        }

        var full = Path.GetFullPath(Directory.Exists(path) ? Path.Combine(path, ObjectNames.Alias) : path);
        return (stores.Open(new LocalStoreOptions { Section = "the manifest's folder", Path = Path.GetDirectoryName(full) ?? "/" }, prefix: ""), Path.GetFileName(full));
    }

    /// <summary>A folder can be read without settings, a bucket cannot.</summary>
    private static ServiceSettings? ReadSettings(bool isNeeded)
    {
        try
        {
            return SettingsSource.Read();
        }
        catch (SettingsException wrong) when (!isNeeded)
        {
            Console.Error.WriteLine($"warning: the ledger is not asked: {wrong.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }

    /// <summary>The ledger helps where there is one; a feed can be verified without.</summary>
    private static async Task<Databases?> TryOpenLedgerAsync(ServiceSettings? settings, CancellationToken cancellationToken)
    {
        try
        {
            return settings is null || (settings.State.ConnectionString is null && !await EmbeddedPostgres.ExistsAsync(settings.State.DataDirectory, cancellationToken))
                ? null
                : await Databases.OpenAsync(settings, FeedHost.NewPatience(TimeProvider.System), cancellationToken);
        }
        catch (Exception away) when (away is FeedException || StateFailure.IsOne(away))
        {
            await Console.Error.WriteLineAsync($"warning: the ledger is not asked: {StateFailure.Explain(away)}");
            return null;
        }
    }

    private static async Task<RecordedFeed?> FindRecordedAsync(Databases? ledger, Manifest manifest, CancellationToken cancellationToken)
    {
        // PostgreSQL has no text with a NUL, so no run was ever called like this.
        if (ledger is null || manifest.Name.Contains('\0', StringComparison.Ordinal) || await FindRunAsync(ledger, manifest, cancellationToken) is not { } run)
        {
            return null;
        }

        var chunks = await new ChunkLedger(ledger.State).ListAsync(run.Id, cancellationToken);
        return new RecordedFeed(run.Id, run.ManifestSha256!, [.. from chunk in chunks where chunk.Shard is not null select new RecordedShard(chunk.Shard!, chunk.Records ?? 0)]);
    }

    private static async Task<RunView?> FindRunAsync(Databases ledger, Manifest manifest, CancellationToken cancellationToken)
    {
        try
        {
            return await new RunLedger(ledger.State).FindPublishedAsync(manifest.Name, manifest.GenerationTimestamp, cancellationToken);
        }
        catch (PostgresException unborn) when (unborn.SqlState is PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.InvalidSchemaName)
        {
            // A state database that no service has used yet.
            return null;
        }
    }
}

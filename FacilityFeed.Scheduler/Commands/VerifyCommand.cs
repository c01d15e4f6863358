using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Infrastructure.Storing;
using Npgsql;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Reads a published feed back and says whether it keeps its promises.</summary>
internal static class VerifyCommand
{
    public static async Task<int> RunAsync(string path, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        var store = new LocalFeedStore(new LocalStoreOptions { Path = Path.GetDirectoryName(full) ?? "/", Setting = "the manifest's folder" }, prefix: "");
        await using var ledger = await TryOpenLedgerAsync(cancellationToken);
        var verifier = new FeedVerifier(store, (manifest, token) => FindRecordedAsync(ledger, manifest, token));
        var verdict = await verifier.VerifyAsync(Path.GetFileName(full), cancellationToken);
        await WriteAsync(path, verdict);
        return verdict.Problems.Count == 0 ? CommandLine.Ok : CommandLine.Failed;
    }

    private static async Task WriteAsync(string path, FeedVerdict verdict)
    {
        foreach (var note in verdict.Notes)
        {
            await Console.Out.WriteLineAsync($"note: {note}");
        }

        foreach (var problem in verdict.Problems)
        {
            await Console.Out.WriteLineAsync($"problem: {problem}");
        }

        var result = verdict.Problems.Count == 0 ? "ok" : $"NOT OK, {verdict.Problems.Count} problem{(verdict.Problems.Count > 1 ? "s" : "")}";
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{path}: {result}: {verdict.Shards} shards, {verdict.Records:N0} records, {verdict.Bytes:N0} bytes"));
    }

    /// <summary>The ledger helps where there is one; a feed can be verified without.</summary>
    private static async Task<Databases?> TryOpenLedgerAsync(CancellationToken cancellationToken)
    {
        try
        {
            var settings = SettingsSource.Read();
            if (settings.State.ConnectionString is null && !await EmbeddedPostgres.ExistsAsync(settings.State.DataDirectory, cancellationToken))
            {
                return null;
            }

            return await Databases.OpenAsync(settings, new Patience(TimeProvider.System), cancellationToken);
        }
        catch (Exception away) when (away is FeedException or SettingsException or NpgsqlException)
        {
            await Console.Error.WriteLineAsync($"warning: the ledger is not asked: {away.Message.ReplaceLineEndings(" ")}");
            return null;
        }
    }

    private static async Task<RecordedFeed?> FindRecordedAsync(Databases? ledger, Manifest manifest, CancellationToken cancellationToken)
    {
        if (ledger is null || await FindRunAsync(ledger, manifest, cancellationToken) is not { } run)
        {
            return null;
        }

        var chunks = await new ChunkLedger(ledger.State).ListAsync(run.Id, cancellationToken);
        var shards = chunks.Where(chunk => chunk.ObjectName is not null).Select(chunk => new StoredObject(chunk.ObjectName!, chunk.Bytes!.Value, chunk.Sha256!));
        return new RecordedFeed(run.Id, run.ManifestSha256!, [.. shards], run.Records);
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

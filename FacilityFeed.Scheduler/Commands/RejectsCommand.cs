using System.Text.Encodings.Web;
using System.Text.Json;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Lists what a run left out, or changed, one JSON object a line; how much of it that is goes to stderr.</summary>
internal static class RejectsCommand
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<int> RunAsync(long runId, bool isWarnings, bool isVerbose, CancellationToken cancellationToken)
    {
        await using var host = await KnownRuns.OpenAsync(SettingsSource.Read(), isVerbose, customize: null, cancellationToken);
        var run = await KnownRuns.FindAsync(host.Services, runId, cancellationToken);
        var kept = await host.Services.GetRequiredService<RejectLedger>().ListAsync(runId, !isWarnings, cancellationToken);
        foreach (var record in kept)
        {
            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new { run = runId, record.Chunk, record.Id, record.Field, record.Reason, record.Value }, _json));
        }

        await Console.Error.WriteLineAsync(ShapingText.Listed(run, kept.Count, isWarnings));
        return CommandLine.Ok;
    }
}

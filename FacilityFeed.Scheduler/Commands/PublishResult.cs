using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Ledger;
using FacilityFeed.Domain.Shaping;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What <c>publish</c> answers; the member names are part of the command's contract.</summary>
/// <param name="RunId">Number of the run.</param>
/// <param name="State">Its state, as in <c>status</c>.</param>
/// <param name="Joined">Whether it was active already.</param>
/// <param name="Manifest">Full address of the manifest; null unless published.</param>
/// <param name="Chunks">Planned chunks.</param>
/// <param name="Records">Records in the stored shards.</param>
/// <param name="RowsRead">Rows read: records and rejected together.</param>
/// <param name="Rejected">Records left out.</param>
/// <param name="Warnings">Values left out or mended; a record may have several.</param>
/// <param name="Drift">Rows that came, less those that went, between plan and reading.</param>
/// <param name="Bytes">Bytes of the stored shards.</param>
/// <param name="Reason">Why it ended as it did; null when it was published.</param>
/// <param name="Seconds">From the commit of the request to the alias being visible; to the end, when nothing was published.</param>
internal sealed record PublishResult(long RunId, string State, bool Joined, string? Manifest, int Chunks, long Records, long RowsRead, long Rejected, long Warnings, long Drift, long Bytes, double Seconds, string? Reason)
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private RunView _run = null!;
    private string _alias = "";
    private bool _isOld;
    private IReadOnlyList<ReasonCount> _counts = [];

    /// <param name="run">The run as it ended.</param>
    /// <param name="isJoined">Whether it was active already.</param>
    /// <param name="store">Where it went.</param>
    /// <param name="counts">What shaping did, by reason.</param>
    /// <param name="isOld">Whether its data is so old that it may not go on without a further word.</param>
    public static PublishResult Of(RunView run, bool isJoined, IFeedStore store, IReadOnlyList<ReasonCount> counts, bool isOld) => new(
        run.Id,
        StateName.Of(run.State),
        isJoined,
        run.Manifest is null ? null : store.Locate(run.Manifest),
        run.ChunkCount ?? 0,
        run.Records,
        run.RowsRead,
        run.Rejected,
        run.Warned,
        run.Drift,
        run.Bytes,
        Math.Round(run.Duration?.TotalSeconds ?? 0, 3),
        run.State == RunState.Published ? null : run.Reason)
    {
        _run = run,
        _alias = store.Locate(ObjectNames.Alias),
        _counts = counts,
        _isOld = isOld,
    };

    /// <summary>The answer to stdout; to stderr what a person must know besides, and can do next.</summary>
    /// <param name="isJson">Whether the answer is one JSON object.</param>
    /// <param name="isReasonSaid">Whether the reason stands on stderr already.</param>
    public async Task WriteAsync(bool isJson, bool isReasonSaid)
    {
        if (!isReasonSaid && Explain(_run) is { } reason)
        {
            // What is printed as the answer begins with the state.
            await Console.Error.WriteLineAsync(isJson || RunTransitions.IsActive(_run.State) ? $"run {RunId} {State}: {PrintedText.InOneLine(reason)}" : $"run {RunId}: {PrintedText.InOneLine(reason)}");
        }

        foreach (var line in ShapingText.Of(_counts))
        {
            await Console.Error.WriteLineAsync($"run {RunId} {PrintedText.InOneLine(line)}");
        }

        await Console.Out.WriteLineAsync(isJson ? JsonSerializer.Serialize(this, _json) : ToText());
        foreach (var line in NextSteps.Of(_run, _alias, _isOld))
        {
            await Console.Error.WriteLineAsync(line);
        }
    }

    private string ToText() => string.Create(CultureInfo.InvariantCulture,
        $"run {RunId} {State}{(Joined ? " (joined)" : "")}: {Counted.Of(Records, "record")}{(Rejected > 0 ? string.Create(CultureInfo.InvariantCulture, $" ({Rejected:N0} rejected: ./run rejects {RunId})") : "")} in {(_run.ChunksDone == Chunks ? "" : $"{_run.ChunksDone} of ")}{Counted.Of(Chunks, "chunk")}, {Counted.Of(Bytes, "byte")}{(IsOver ? string.Create(CultureInfo.InvariantCulture, $", {Seconds:N1} s") : " so far")}{(Manifest is null ? "" : $"\n{Manifest}")}");

    // Beside a service, a person may stop waiting for it.
    private bool IsOver => !RunTransitions.IsActive(_run.State);

    private static string? Explain(RunView run) => run.State switch
    {
        RunState.Published => null,
        _ when RunTransitions.IsActive(run.State) => "it goes on where others work on it",
        _ => run.Reason,
    };
}

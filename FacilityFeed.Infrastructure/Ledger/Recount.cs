namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>What a recount found and left.</summary>
/// <param name="Before">The countdown as it was.</param>
/// <param name="Open">Chunks that are open: the countdown now.</param>
/// <param name="WantsManifest">No chunk is open and there is no manifest job.</param>
public sealed record Recount(int? Before, int Open, bool WantsManifest);

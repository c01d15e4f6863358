namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>An attempt at a trigger by hand.</summary>
public sealed record TakenTrigger
{
    public long Id { get; init; }

    public string Feed { get; init; } = "";

    public string Origin { get; init; } = "";

    public string JobId { get; init; } = "";

    public int Attempt { get; init; }

    /// <summary>How the trigger came to this job, where that is not its first one; for the audit trail of its run.</summary>
    public string? Repair { get; init; }
}

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>A record that a run left out or changed, as the ledger kept it.</summary>
public sealed record KeptRecord
{
    public int Chunk { get; init; }

    /// <summary>Key in the source.</summary>
    public long Id { get; init; }

    public string Field { get; init; } = "";

    /// <summary>As in <c>postal_code_missing</c>.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The field's value as it came, cut and escaped; empty when there was none.</summary>
    public string Value { get; init; } = "";
}

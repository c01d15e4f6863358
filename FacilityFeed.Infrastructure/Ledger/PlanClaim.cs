namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>An attempt at a run's plan: the right to plan it until a newer attempt is taken, or the plan is given to another job.</summary>
public sealed record PlanClaim
{
    public long RunId { get; init; }

    public string JobId { get; init; } = "";

    public int Attempt { get; init; }
}

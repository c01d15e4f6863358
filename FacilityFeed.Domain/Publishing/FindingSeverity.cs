namespace FacilityFeed.Domain.Publishing;

/// <summary>How much a finding weighs.</summary>
public enum FindingSeverity
{
    /// <summary>What a person should know and that breaks no promise.</summary>
    Note,

    /// <summary>A promise that is broken.</summary>
    Problem,
}

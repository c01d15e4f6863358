namespace FacilityFeed.Domain.Shaping;

/// <summary>How much of a source's disorder a feed lets through.</summary>
public enum Validation
{
    /// <summary>Every field by its rule; a record that lacks what the partner requires is rejected.</summary>
    Strict,

    /// <summary>Values as they are, in valid JSON; nothing is rejected.</summary>
    Off,
}

namespace FacilityFeed.Domain.Publishing;

/// <summary>How an id stands to those before it.</summary>
internal enum KeyStep
{
    /// <summary>Behind them, as it should.</summary>
    Rising,

    /// <summary>It ends in no number.</summary>
    NoKey,

    /// <summary>It begins otherwise than they do.</summary>
    OtherPrefix,

    /// <summary>It was there already.</summary>
    Twice,

    /// <summary>It belongs before them.</summary>
    Late,
}

namespace FacilityFeed.Domain.Shaping;

/// <summary>What can be wrong with a field. The names are stored, in snake case: never rename one.</summary>
public enum Flaw
{
    /// <summary>Required, and empty or a placeholder.</summary>
    Missing,

    /// <summary>Not a country that we know.</summary>
    Unknown,

    /// <summary>Longer than its rule allows.</summary>
    TooLong,

    /// <summary>Cannot be made into what the partner takes.</summary>
    Unusable,

    /// <summary>One of two coordinates.</summary>
    Incomplete,

    /// <summary>A coordinate that is no place on earth.</summary>
    OutOfRange,

    /// <summary>A coordinate that is no number.</summary>
    NotFinite,

    /// <summary>Latitude and longitude both 0: what a form sends that was not filled in.</summary>
    Zero,

    /// <summary>Control characters, bidirectional controls or ill-formed text were taken out.</summary>
    CharactersRemoved,

    /// <summary>An extension was cut off a telephone number.</summary>
    ExtensionRemoved,

    /// <summary>Not as values of its kind are; it goes out as it is, for nobody can say what was meant.</summary>
    Unexpected,

    /// <summary>Changed to what must have been meant.</summary>
    Mended,

    /// <summary>A placeholder such as "N/A" in a field that is not required was left out.</summary>
    Placeholder,

    /// <summary>Entities of HTML were decoded.</summary>
    EntitiesDecoded,

    /// <summary>Digits beside a telephone number were left off: a second number, the end of a range.</summary>
    DigitsRemoved,
}

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Feeds can be made, but a person should look.</summary>
    Warning,

    /// <summary>No feed can be made.</summary>
    Error,
}

/// <summary>One line of <c>doctor</c>.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What was looked at, for example <c>store of feed facility</c>.</param>
/// <param name="Text">What was found and, unless it is well, what to do.</param>
public sealed record Finding(Severity Severity, string Subject, string Text)
{
    public override string ToString() => $"{Severity.ToString().ToLowerInvariant(),-7}  {Subject}: {Text.ReplaceLineEndings(" ")}";
}

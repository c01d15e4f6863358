namespace FacilityFeed.Infrastructure.Settings;

/// <summary>The settings cannot be used; holds every problem found, one line each.</summary>
public sealed class SettingsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}

using System.Collections;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Where settings come from, the later ones winning.</summary>
internal static class SettingsSource
{
    /// <exception cref="SettingsException">With every problem found.</exception>
    public static ServiceSettings Read()
    {
        var folder = Directory.GetCurrentDirectory();
        try
        {
            return ServiceSettings.Read(new SettingsLayers()
                .AddJson(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), isOptional: false)
                .AddJson(Path.Combine(folder, "appsettings.json"), isOptional: true)
                .AddDotEnv(folder)
                .AddSecrets("/run/secrets")
                .AddEnvironment(Variables(), folder));
        }
        catch (InvalidDataException broken)
        {
            throw new SettingsException([$"appsettings.json cannot be read: {(broken.InnerException ?? broken).Message}"]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
}

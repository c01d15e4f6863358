using System.Collections;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Where settings come from, the later ones winning.</summary>
internal static class SettingsSource
{
    /// <summary>Reads them; what a person should look at is said on stderr.</summary>
    /// <exception cref="SettingsException">With every problem found.</exception>
    public static ServiceSettings Read()
    {
        var settings = ReadQuietly();
        foreach (var warning in settings.Warnings)
        {
            Console.Error.WriteLine($"warning: {PrintedText.InOneLine(warning)}");
        }

        return settings;
    }

    /// <summary>Reads them for whoever says the warnings itself.</summary>
    /// <exception cref="SettingsException">With every problem found.</exception>
    public static ServiceSettings ReadQuietly()
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
            throw new SettingsException([$"{broken.Message} cannot be read: {ForeignText.InOneLine((broken.InnerException ?? broken).Message)}"]);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Variables() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
}

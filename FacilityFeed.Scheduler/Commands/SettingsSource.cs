using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>Where settings come from, the later ones winning: the shipped file, one in the working folder, plain names, environment.</summary>
internal static class SettingsSource
{
    /// <exception cref="SettingsException">With every problem found.</exception>
    public static ServiceSettings Read()
    {
        try
        {
            return ServiceSettings.Read(Build());
        }
        catch (InvalidDataException broken)
        {
            throw new SettingsException([$"appsettings.json cannot be read: {(broken.InnerException ?? broken).Message}"]);
        }
    }

    private static IConfigurationRoot Build() => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false)
        .AddJsonFile(Path.GetFullPath("appsettings.json"), optional: true)
        .AddInMemoryCollection(PlainNames.Translate(Environment.GetEnvironmentVariable))
        .AddEnvironmentVariables()
        .Build();
}

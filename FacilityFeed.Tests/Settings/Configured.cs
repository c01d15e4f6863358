using FacilityFeed.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Tests.Settings;

/// <summary>Settings read as the service reads them: a file, plain names, then sections from the environment.</summary>
internal static class Configured
{
    /// <summary>Plain names, and section keys with <c>:</c> as the environment provider gives them, above one shipped feed.</summary>
    public static ServiceSettings With(params (string Name, string Value)[] environment) => ServiceSettings.Read(Build(environment));

    public static IReadOnlyList<string> ProblemsWith(params (string Name, string Value)[] environment)
    {
        try
        {
            With(environment);
            return [];
        }
        catch (SettingsException wrong)
        {
            return wrong.Problems;
        }
    }

    /// <summary>Section keys alone, without the shipped feed.</summary>
    public static IReadOnlyList<string> ProblemsWithOnly(params (string Key, string Value)[] settings)
    {
        try
        {
            ServiceSettings.Read(new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build());
            return [];
        }
        catch (SettingsException wrong)
        {
            return wrong.Problems;
        }
    }

    public static IConfigurationRoot Build(params (string Name, string Value)[] environment)
    {
        // The process's own environment belongs to all tests at once: a prefix keeps this one apart, and is cut off again.
        var prefix = $"TEST{Guid.NewGuid():N}_";
        foreach (var (name, value) in environment)
        {
            Environment.SetEnvironmentVariable(prefix + name.Replace(":", "__", StringComparison.Ordinal), value);
        }

        try
        {
            return new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: false)
                .AddInMemoryCollection(PlainNames.Translate(name => Environment.GetEnvironmentVariable(prefix + name)))
                .AddEnvironmentVariables(prefix)
                .Build();
        }
        finally
        {
            foreach (var (name, _) in environment)
            {
                Environment.SetEnvironmentVariable(prefix + name.Replace(":", "__", StringComparison.Ordinal), null);
            }
        }
    }
}

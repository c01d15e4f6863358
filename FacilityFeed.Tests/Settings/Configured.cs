using FacilityFeed.Infrastructure.Settings;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Tests.Settings;

/// <summary>Settings read as the service reads them: the shipped file, then an environment.</summary>
internal static class Configured
{
    /// <summary>Plain names, and section keys with <c>:</c> or <c>__</c>, above one shipped feed.</summary>
    public static ServiceSettings With(params (string Name, string Value)[] environment) => ServiceSettings.Read(Shipped().AddEnvironment(Variables(environment), "/"));

    public static IReadOnlyList<string> ProblemsWith(params (string Name, string Value)[] environment) => ProblemsOf(Shipped().AddEnvironment(Variables(environment), "/"));

    /// <summary>Section keys alone, without the shipped feed.</summary>
    public static IReadOnlyList<string> ProblemsWithOnly(params (string Key, string Value)[] settings) => ProblemsOf(new SettingsLayers().AddEnvironment(Variables(settings), "/"));

    public static IReadOnlyList<string> ProblemsOf(SettingsLayers layers)
    {
        try
        {
            ServiceSettings.Read(layers);
            return [];
        }
        catch (SettingsException wrong)
        {
            return wrong.Problems;
        }
    }

    public static IConfigurationRoot Build(params (string Name, string Value)[] environment) => Shipped().AddEnvironment(Variables(environment), "/").Build();

    public static SettingsLayers Shipped() => new SettingsLayers().AddJson(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), isOptional: false);

    public static IEnumerable<KeyValuePair<string, string>> Variables(params (string Name, string Value)[] environment) =>
        environment.Select(variable => KeyValuePair.Create(variable.Name, variable.Value));
}

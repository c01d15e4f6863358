using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// The places that settings come from, added in their order: a later one wins, whichever of its names a setting has there.
/// Within one place the section name wins over the plain name. An empty value counts as not set.
/// </summary>
public sealed class SettingsLayers
{
    private const string FileSuffix = "_FILE";

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];

    /// <summary>What could not be read, one line each.</summary>
    public IReadOnlyList<string> Problems => _problems;

    public IConfigurationRoot Build() => new ConfigurationBuilder().AddInMemoryCollection(_values).Build();

    /// <exception cref="InvalidDataException">It is no JSON.</exception>
    public SettingsLayers AddJson(string path, bool isOptional)
    {
        foreach (var (key, value) in new ConfigurationBuilder().AddJsonFile(path, isOptional).Build().AsEnumerable())
        {
            // Even an empty section names a feed.
            if (!string.IsNullOrEmpty(value) || !_values.ContainsKey(key))
            {
                _values[key] = value;
            }
        }

        return this;
    }

    /// <summary>The file <c>.env</c> of a folder, if there is one.</summary>
    public SettingsLayers AddDotEnv(string folder)
    {
        var path = Path.Combine(folder, ".env");
        return AddNamed(DotEnvFile.Read(path, _problems), path, folder);
    }

    /// <summary>The files of a folder, such as <c>db_password</c>; those that are not named as a setting are left alone.</summary>
    public SettingsLayers AddSecrets(string folder)
    {
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in Listed(folder))
        {
            // Compose's own examples write the names of secrets in small letters.
            var name = Path.GetFileName(path);
            var known = PlainNames.Canonical(name) ?? PlainNames.Canonical(name.ToUpperInvariant());
            if (known is not null && Content(path, $"The secret {path}", "let the service's user read it, or remove it") is { } value)
            {
                secrets[known] = value;
            }
        }

        return Add(secrets);
    }

    public SettingsLayers AddEnvironment(IEnumerable<KeyValuePair<string, string>> variables, string folder) => AddNamed(variables, "the environment", folder);

    /// <summary>Values by name, and the files that <c>NAME_FILE</c> names: a path is relative to <paramref name="folder"/>.</summary>
    private SettingsLayers AddNamed(IEnumerable<KeyValuePair<string, string>> named, string place, string folder)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var files = new List<(string Known, string Name, string Path)>();
        foreach (var (name, value) in named.Where(setting => setting.Value.Length > 0))
        {
            if (name.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase) && PlainNames.Canonical(name[..^FileSuffix.Length]) is { } ofFile)
            {
                files.Add((ofFile, name, value));
            }
            else if (PlainNames.Canonical(name) is { } known)
            {
                values[known] = value;
            }
        }

        foreach (var (known, name, path) in files)
        {
            if (values.ContainsKey(known))
            {
                _problems.Add($"{name[..^FileSuffix.Length]} and {name} are both set in {place}: unset one of them");
            }
            else if (Content(Path.Combine(folder, path), $"{name} (in {place}) is '{path}', which", $"name a file that the service's user may read, or set {name[..^FileSuffix.Length]} instead") is { } value)
            {
                values[known] = value;
            }
        }

        return Add(values);
    }

    private SettingsLayers Add(Dictionary<string, string> layer)
    {
        var sections = layer.Where(setting => !PlainNames.All.ContainsKey(setting.Key)).Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value));
        foreach (var (key, value) in PlainNames.Translate(layer.GetValueOrDefault).Concat(sections).Where(setting => !string.IsNullOrEmpty(setting.Value)))
        {
            _values[key] = value;
        }

        return this;
    }

    private IEnumerable<string> Listed(string folder)
    {
        try
        {
            // In a fixed order. Folders too: a bind mount makes one where the file was missing, which must be said.
            return Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal) : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{folder} cannot be listed ({unreadable.Message}): let the service's user read it");
            return [];
        }
    }

    // Editors end a file with a line break, which no password ends with; all else is the value.
    private string? Content(string path, string subject, string remedy)
    {
        if (SettingsText.Read(path, out var reason) is not { } text)
        {
            _problems.Add($"{subject} cannot be read ({reason}): {remedy}");
            return null;
        }

        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }
}

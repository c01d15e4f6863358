using FacilityFeed.Domain;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// The places that settings come from, added in their order: a later one wins, whichever of its names a setting has there.
/// Within one place the section name wins over the plain name. An empty value counts as not set.
/// </summary>
public sealed class SettingsLayers
{
    internal const string FileSuffix = "_FILE";

    private const string Environment = "the environment";

    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _problems = [];
    private readonly List<string> _warnings = [];
    private readonly HashSet<string> _given = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Name, string Place, MisspeltNames.Meaning Meant)> _doubtful = [];

    /// <summary>What could not be read, and names that nearly are settings, one line each.</summary>
    public IReadOnlyList<string> Problems => [.. _problems, .. from unknown in _doubtful where IsMissed(unknown.Meant) select Misspelt(unknown.Name, unknown.Place, unknown.Meant)];

    /// <summary>
    /// Names that may have been meant as settings, one line each: those in the environment, where other programs' names stand too; in our own
    /// files those that may be another program's name while what they resemble is set, and those that only begin as ours do.
    /// </summary>
    public IReadOnlyList<string> Warnings => [.. _warnings, .. from unknown in _doubtful where !IsMissed(unknown.Meant) select MaybeMisspelt(unknown.Name, unknown.Place, unknown.Meant)];

    public IConfigurationRoot Build() => new ConfigurationBuilder().AddInMemoryCollection(_values).Build();

    /// <exception cref="InvalidDataException">It is no JSON, or cannot be read.</exception>
    public SettingsLayers AddJson(string path, bool isOptional)
    {
        var settings = JsonSettings.Read(path, isOptional);
        foreach (var name in settings.GetChildren().Select(child => child.Key))
        {
            var within = settings.GetSection(name).AsEnumerable(makePathsRelative: true).Where(setting => setting.Value is not null).Select(setting => setting.Key);
            if (MisspeltNames.MeantInJson(name, within) is { } meant)
            {
                TellMisspelt(name, path, meant);
            }
        }

        foreach (var (key, value) in settings.AsEnumerable())
        {
            // Even an empty section names a feed.
            if (!string.IsNullOrEmpty(value) || !_values.ContainsKey(key))
            {
                _values[key] = value;
            }

            // What must be there is what the program itself brings.
            if (isOptional && !string.IsNullOrEmpty(value))
            {
                _given.Add(key);
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
            if (known is null)
            {
                TellUnknown(name, folder);
            }
            else if (Content(path, $"The secret {path}", "let the service's user read it, or remove it") is { } value)
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
        foreach (var (name, marked) in named)
        {
            // What a file's content was put into the environment from may have had the mark.
            var value = marked.TrimStart(SettingsText.Mark);
            if (value.Length == 0)
            {
                continue;
            }

            if (name.EndsWith(FileSuffix, StringComparison.OrdinalIgnoreCase) && PlainNames.Canonical(name[..^FileSuffix.Length]) is { } ofFile)
            {
                files.Add((ofFile, name, value));
            }
            else if (PlainNames.Canonical(name) is { } known)
            {
                values[known] = value;
            }
            else
            {
                TellUnknown(name, place);
            }
        }

        foreach (var (known, name, path) in files)
        {
            if (values.ContainsKey(known))
            {
                _problems.Add($"{name[..^FileSuffix.Length]} and {name} are both set in {place}: unset one of them");
            }
            else if (Content(Path.Combine(folder, path), $"{name} (in {place}) {PlainValue.ShowPath(path, folder)}, which", $"name a file that the service's user may read, or set {name[..^FileSuffix.Length]} instead") is { } value)
            {
                values[known] = value;
            }
        }

        return Add(values);
    }

    /// <summary>A false alarm would stop a service at night because of a variable that the platform added, so in the environment a slip is only warned of.</summary>
    private void TellUnknown(string name, string place)
    {
        var isOurFile = place != Environment;
        if (MisspeltNames.Meant(name) is { } meant)
        {
            if (isOurFile)
            {
                TellMisspelt(name, place, meant);
            }
            else
            {
                _warnings.Add(MaybeMisspelt(name, place, meant));
            }
        }
        else if (isOurFile && MisspeltNames.Hint(name) is { } hint)
        {
            _warnings.Add($"{ShownValue.Of(name)} (in {place}) is not a setting, so it is not read: {hint}");
        }
    }

    // Whether a doubtful one is a problem is known when all places are.
    private void TellMisspelt(string name, string place, MisspeltNames.Meaning meant)
    {
        if (meant.IsCertain)
        {
            _problems.Add(Misspelt(name, place, meant));
        }
        else
        {
            _doubtful.Add((name, place, meant));
        }
    }

    // Where the setting that it resembles is set, the name is sooner another program's.
    private bool IsMissed(MisspeltNames.Meaning meant) => meant.Keys.Count > 0 && !meant.Keys.Any(_given.Contains);

    private static string Misspelt(string name, string place, MisspeltNames.Meaning meant) => $"{ShownValue.Of(name)} (in {place}) is not a setting{There(place)}: did you mean {meant.Name}?";

    private static string MaybeMisspelt(string name, string place, MisspeltNames.Meaning meant) => $"{ShownValue.Of(name)} (in {place}) is not a setting{There(place)}, so it is not read: did you mean {meant.Name}?";

    // What is one elsewhere may be none in a file of sections.
    private static string There(string place) => place.EndsWith(".json", StringComparison.Ordinal) ? " there" : "";

    private SettingsLayers Add(Dictionary<string, string> layer)
    {
        var sections = layer.Where(setting => !PlainNames.All.ContainsKey(setting.Key)).Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value));
        foreach (var (key, value) in PlainNames.Translate(layer.GetValueOrDefault).Concat(sections).Where(setting => !string.IsNullOrEmpty(setting.Value)))
        {
            _values[key] = value;
            _given.Add(key);
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
        if (SettingsText.Read(path, SettingsText.MostSecretBytes, out var reason) is not { } text)
        {
            _problems.Add($"{subject} cannot be read ({reason}): {remedy}");
            return null;
        }

        return text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
    }
}

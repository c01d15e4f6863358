using FacilityFeed.Domain;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Remembers which settings were asked for; what else stands in our sections is probably a typing error.</summary>
internal sealed class AskedSettings
{
    private readonly HashSet<string> _keys = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _leftOut = [];

    public void Add(string key) => _keys.Add(key);

    /// <summary>A section that is not read: nothing can be said about its keys.</summary>
    public void LeaveOut(string section) => _leftOut.Add($"{section}:");

    /// <summary>One line for each value that nothing asks for.</summary>
    public IEnumerable<string> Unknown(IConfiguration configuration) =>
        from setting in configuration.AsEnumerable()
        where !string.IsNullOrEmpty(setting.Value) && PlainNames.IsInOurSections(setting.Key)
        // A plain name is no typing error, even where nothing needs it just now.
        where !_keys.Contains(setting.Key) && !PlainNames.All.Values.Contains(setting.Key, StringComparer.OrdinalIgnoreCase)
        where !_leftOut.Any(section => setting.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase))
        orderby setting.Key
        select $"{ShownValue.Of(setting.Key)} is not a setting: {Remedy(setting.Key)}";

    private string Remedy(string key)
    {
        var (section, name) = Split(key);
        var names = _keys.Select(Split).Where(known => string.Equals(known.Section, section, StringComparison.OrdinalIgnoreCase)).Select(known => known.Name).Order(StringComparer.Ordinal).ToList();
        // Where only a few names are possible, a far guess is better than none.
        return Spelling.Nearest(name, names, _ => Math.Max(2, name.Length / 3)) is { } nearest ? $"did you mean {nearest}?"
            : names.Count > 0 ? $"{section} has {string.Join(", ", names)}"
            : Spelling.Nearest(section, _keys.Select(known => Split(known).Section).Distinct(), _ => 2) is { Length: > 0 } other ? $"did you mean {other}:{name}?"
            : "remove it, or see the settings in README.md";
    }

    private static (string Section, string Name) Split(string key) => key.LastIndexOf(':') is var end and >= 0 ? (key[..end], key[(end + 1)..]) : ("", key);
}

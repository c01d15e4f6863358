using System.Text.RegularExpressions;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// Names that are no settings but nearly are. Only what a slip of the fingers makes of a name counts: <c>DB_POOL</c>, <c>DB_CERT_FILE</c> or
/// <c>PG_PASSWORD</c> are other programs' names, and these share <c>.env</c> and the environment with us.
/// </summary>
internal static partial class MisspeltNames
{
    // Read by ASP.NET Core, as plainly as this.
    private static readonly HashSet<string> _others = new(StringComparer.OrdinalIgnoreCase) { "HTTP_PORTS", "HTTPS_PORT", "HTTPS_PORTS" };

    /// <summary>The setting that a name in <c>.env</c>, the environment or a folder of secrets was meant to be; null: it is not ours.</summary>
    public static Meaning? Meant(string name) => _others.Contains(name) ? null : MeantPlain(name) ?? MeantSection(name);

    /// <summary>The section, or the setting in one, that a name at the top of <c>appsettings.json</c> was meant to be: no plain name is read there. Null: it is not ours.</summary>
    /// <param name="name">The name.</param>
    /// <param name="within">The keys below it, without it: <c>facility:Cron</c>.</param>
    public static Meaning? MeantInJson(string name, IEnumerable<string> within)
    {
        if (NearSection(name) is { } section)
        {
            return new Meaning(section, [.. within.Select(key => $"{section}:{key}").Where(IsSetting)], IsSwap(name, section));
        }

        return !_others.Contains(name) && Spelling.Nearest(name, PlainNames.All.Keys.Where(known => !IsNumbered(name, known)), known => Most(name, known)) is { } plain
            ? new Meaning(PlainNames.All[plain], [PlainNames.All[plain]], IsCertain(name, plain))
            : null;
    }

    /// <summary>Which of <paramref name="names"/> a name that somebody chose was meant to be; null: none of them.</summary>
    public static string? MeantOf(string name, IEnumerable<string> names) => Spelling.Nearest(name, names.Where(known => !IsNumbered(name, known)), known => MostOf(known.Length));

    /// <summary>What to say of a name that is not near ours but begins as ours do, in a file that is ours alone; null: it is not ours.</summary>
    public static string? Hint(string name)
    {
        // Secrets are often named in small letters.
        var inCapitals = name.ToUpperInvariant();
        var first = FirstWord(inCapitals);
        var names = PlainNames.All.Keys.Where(known => FirstWord(known) == first).Order(StringComparer.Ordinal).ToList();
        if (names.Count == 0 || first == inCapitals || _others.Contains(name))
        {
            return null;
        }

        // S3_BUCKET, DB_PASS, AWS_ACCESS_KEY; DB_USERNAME, DATA_DIRECTORY.
        var alike = names.Where(known => known.StartsWith(inCapitals, StringComparison.Ordinal) || inCapitals.StartsWith(known, StringComparison.Ordinal)).ToList();
        var remedy = alike.Count == 1 ? $"did you mean {alike[0]}?" : $"{first}_ has {string.Join(", ", names)}";
        return first == "AWS" ? $"{remedy} (What only the AWS SDK reads belongs into the environment.)" : remedy;
    }

    private static Meaning? MeantSection(string name)
    {
        var cut = name.IndexOfAny(['_', ':']);
        if (cut > 0 && (name[cut] == ':' || name.AsSpan(cut).StartsWith("__")) && NearSection(name[..cut]) is { } section)
        {
            var key = (section + name[cut..]).Replace("__", ":", StringComparison.Ordinal);
            return new Meaning(section + name[cut..], IsSetting(key) ? [key] : [], IsSwap(name[..cut], section));
        }

        // As we write a section, but with other signs between the parts.
        return Parted().IsMatch(name) && PlainNames.Sections.Contains(name[..name.IndexOfAny(['_', '.', '-'])]) ? new Meaning(Separator().Replace(name, "__"), [], IsCertain: true) : null;
    }

    private static Meaning? MeantPlain(string name)
    {
        var names = PlainNames.All.Keys.SelectMany(known => new[] { known, known + SettingsLayers.FileSuffix });
        return Spelling.Nearest(name, names.Where(known => !IsNumbered(name, known)), known => Most(name, known)) is { } plain
            ? new Meaning(plain, [PlainNames.All[plain[..PlainLength(plain)]]], IsCertain(name, plain))
            : null;
    }

    // MDB_HOST, STATS_DB and DBNAME are another's name or a slip, and so is DB_NAMES.
    private static bool IsCertain(string name, string known) =>
        (string.Equals(FirstWord(name), FirstWord(known), StringComparison.OrdinalIgnoreCase) || IsSwap(FirstWord(name), FirstWord(known)))
        && !(name.Length > known.Length && name.StartsWith(known, StringComparison.OrdinalIgnoreCase));

    // Two neighbours swapped: nobody chooses such a name.
    private static bool IsSwap(string name, string known) =>
        name.Length == known.Length && Spelling.Distance(name, known) == 1 && name.ToUpperInvariant().Order().SequenceEqual(known.ToUpperInvariant().Order());

    // Of those that have a plain name, which are the commonest: Sources:0:Host is none, Feeds:other:Cron is one.
    private static bool IsSetting(string key)
    {
        var parts = key.Split(':');
        return PlainNames.All.Values.Select(known => known.Split(':')).Any(known => known.Length == parts.Length && Same(known[0], parts[0]) && Same(known[^1], parts[^1]));

        static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
    }

    private static string? NearSection(string name) => PlainNames.Sections.Contains(name, StringComparer.OrdinalIgnoreCase) ? null : Spelling.Nearest(name, PlainNames.Sections, section => MostOf(section.Length));

    // Another first word is another program's sooner than a slip.
    private static int Most(string name, string known) => string.Equals(FirstWord(name), FirstWord(known), StringComparison.OrdinalIgnoreCase) ? MostOf(PlainLength(known)) : 1;

    // One slip in a short name, two in a long one: between short names, two are as often another word (HOST, TEST).
    private static int MostOf(int length) => length < 10 ? 1 : 2;

    private static int PlainLength(string known) => known.EndsWith(SettingsLayers.FileSuffix, StringComparison.Ordinal) ? known.Length - SettingsLayers.FileSuffix.Length : known.Length;

    // DB_HOST2 is somebody's second host.
    private static bool IsNumbered(string name, string known) => name.Count(char.IsDigit) > known.Count(char.IsDigit);

    private static string FirstWord(string name) => name.IndexOfAny(['_', '-']) is var end and > 0 ? name[..end] : name;

    /// <summary>What a name was meant to be.</summary>
    /// <param name="Name">As it is to be written.</param>
    /// <param name="Keys">The section keys of what it would set; none where that is no setting we know by name.</param>
    /// <param name="IsCertain">Whether it can be no other program's name.</param>
    public sealed record Meaning(string Name, IReadOnlyList<string> Keys, bool IsCertain);

    [GeneratedRegex(@"^[A-Z][a-z]+([_.-]+[A-Za-z0-9]+)+\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Parted();

    [GeneratedRegex("[_.-]+")]
    private static partial Regex Separator();
}

namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>
/// Writes a host in ASCII as browsers do: UTS #46 (https://www.unicode.org/reports/tr46/), nontransitional, with CheckHyphens for labels beyond
/// ASCII, CheckBidi, CheckJoiners and UseSTD3ASCIIRules, except that an underscore may stand in it. Lengths are for <see cref="HostRule"/> to check.
/// </summary>
public static class InternationalHost
{
    private const string Prefix = "xn--";

    /// <summary>
    /// The host in ASCII and small letters, each label beyond ASCII in punycode. A label that is in punycode already must be what its characters
    /// are written as.
    /// </summary>
    /// <returns>Null when the standard has no such host.</returns>
    public static string? ToAscii(string host)
    {
        if (Mapped(host) is not { } mapped)
        {
            return null;
        }

        var labels = Split(Normalization.Compose(mapped)).ConvertAll(Read);
        if (labels.Contains(null))
        {
            return null;
        }

        var isOrdered = !labels.Exists(label => LabelRules.IsRightToLeft(label!)) || labels.TrueForAll(label => LabelRules.KeepsOrder(label!));
        return isOrdered ? string.Join('.', labels.Select(label => Written(label!))) : null;
    }

    private static List<int>? Mapped(string host)
    {
        var mapped = new List<int>();
        foreach (var rune in host.EnumerateRunes())
        {
            if (HostCharacters.Find(rune.Value) is not { } character)
            {
                return null;
            }

            mapped.AddRange(character.Mapping ?? [rune.Value]);
        }

        return mapped;
    }

    private static List<List<int>> Split(List<int> host)
    {
        var labels = new List<List<int>> { new() };
        foreach (var point in host)
        {
            if (point == '.')
            {
                labels.Add([]);
            }
            else
            {
                labels[^1].Add(point);
            }
        }

        return labels;
    }

    // The label's characters; null when it breaks a rule.
    private static List<int>? Read(List<int> label)
    {
        if (!label.TrueForAll(point => point < 0x80))
        {
            return LabelRules.IsValid(label) ? label : null;
        }

        var ascii = string.Concat(label.Select(point => (char)point));
        if (!ascii.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return label;
        }

        // One that decodes to ASCII, or is not what is written for its characters, is another name for a host that has a name.
        return Punycode.Decode(ascii.AsSpan(Prefix.Length)) is { Count: > 0 } decoded && LabelRules.IsValid(decoded) && Written(decoded) == ascii ? decoded : null;
    }

    private static string Written(List<int> label) => label.TrueForAll(point => point < 0x80)
        ? string.Concat(label.Select(point => (char)point))
        : Prefix + Punycode.Encode(label);
}

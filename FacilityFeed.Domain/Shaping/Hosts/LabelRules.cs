namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>What must hold of a label with characters beyond ASCII: UTS #46, section 4.1, with CheckHyphens, CheckJoiners and CheckBidi.</summary>
internal static class LabelRules
{
    private const int ZeroWidthNonJoiner = 0x200C;
    private const int ZeroWidthJoiner = 0x200D;
    private const int Virama = 9;

    /// <summary>Whether it is in form C, of valid characters, begins with no mark, and has hyphens and joiners only where they may be.</summary>
    public static bool IsValid(List<int> label) =>
        label.TrueForAll(point => HostCharacters.Find(point) is { Mapping: null })
        && Normalization.Compose(label).SequenceEqual(label)
        && !Of(label[0]).IsMark
        && HasHyphensInside(label)
        && Enumerable.Range(0, label.Count).All(at => IsJoinerInPlace(label, at));

    /// <summary>Whether a name with it is a bidirectional one: RFC 5893, section 1.4.</summary>
    public static bool IsRightToLeft(List<int> label) => label.Exists(point => Of(point).Bidi is "R" or "AL" or "AN");

    /// <summary>Whether it keeps its order in a bidirectional name: RFC 5893, section 2.</summary>
    public static bool KeepsOrder(List<int> label)
    {
        if (label.Count == 0)
        {
            return true;
        }

        var kinds = label.ConvertAll(point => Of(point).Bidi);
        var last = kinds.FindLast(kind => kind != "NSM");
        return kinds[0] == "L"
            ? last is "L" or "EN" && kinds.TrueForAll(kind => kind is "L" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM")
            : kinds[0] is "R" or "AL"
                && last is "R" or "AL" or "EN" or "AN"
                && kinds.TrueForAll(kind => kind is "R" or "AL" or "AN" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM")
                && !(kinds.Contains("EN") && kinds.Contains("AN"));
    }

    private static bool HasHyphensInside(List<int> label) => label[0] != '-' && label[^1] != '-' && !(label is [_, _, '-', '-', ..]);

    // RFC 5892, appendix A.1 and A.2: after a virama, and the non-joiner also between two letters that would be joined.
    private static bool IsJoinerInPlace(List<int> label, int at) => label[at] switch
    {
        ZeroWidthJoiner => IsAfterVirama(label, at),
        ZeroWidthNonJoiner => IsAfterVirama(label, at) || (Neighbour(label, at, -1) is "L" or "D" && Neighbour(label, at, 1) is "R" or "D"),
        _ => true,
    };

    private static bool IsAfterVirama(List<int> label, int at) => at > 0 && Of(label[at - 1]).CombiningClass == Virama;

    // The joining type of the next letter, past what is transparent to joining.
    private static string Neighbour(List<int> label, int at, int step)
    {
        do
        {
            at += step;
        }
        while (at >= 0 && at < label.Count && Of(label[at]).Joining == "T");

        return at >= 0 && at < label.Count ? Of(label[at]).Joining : "";
    }

    // Only characters that are valid come here, except ASCII that the rule for hosts refuses afterwards.
    private static HostCharacter Of(int point) => HostCharacters.Find(point)!;
}

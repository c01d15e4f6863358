using System.Globalization;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping;

/// <summary>Text of which nothing is seen is none; within a text that is seen, the same characters stay.</summary>
public sealed class InvisibleTextTests
{
    // Default_Ignorable_Code_Point, spelled out from DerivedCoreProperties.txt of Unicode 15.
    private static readonly (int First, int Last)[] _defaultIgnorable =
    [
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
        (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ];

    private static IEnumerable<int> DefaultIgnorable => _defaultIgnorable.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1));

    [TestCase("\u3164", TestName = "Hangul filler")]
    [TestCase("\u2800", TestName = "blank of braille")]
    [TestCase("\u115F", TestName = "Hangul choseong filler")]
    [TestCase("\u1160", TestName = "Hangul jungseong filler")]
    [TestCase("\uFFA0", TestName = "halfwidth Hangul filler")]
    [TestCase("\u034F", TestName = "combining grapheme joiner")]
    [TestCase("\u180B", TestName = "Mongolian free variation selector")]
    [TestCase("\u180E", TestName = "Mongolian vowel separator")]
    [TestCase("\u17B4\u17B5", TestName = "Khmer inherent vowels")]
    [TestCase("\u00AD", TestName = "soft hyphen")]
    [TestCase("\u200C\u200D", TestName = "joiners")]
    [TestCase("\u2063\u2064\u2065", TestName = "invisible operators and a reserved one")]
    [TestCase("\u206A\u206F", TestName = "deprecated formats")]
    [TestCase("\uFE0F", TestName = "variation selector 16")]
    [TestCase("\uFFF0\uFFF8", TestName = "reserved beside the specials")]
    [TestCase("\U0001D159", TestName = "null notehead")]
    [TestCase("\U0001D173", TestName = "begin beam")]
    [TestCase("\U000E0041\U000E007F", TestName = "tags")]
    [TestCase("\U000E01EF\U000E0FFF", TestName = "variation selector 256 and a reserved one")]
    [TestCase(" \u3164\u2800 \u115F\t", TestName = "several with spaces")]
    [TestCase("\u3164\u0301", TestName = "filler with an accent")]
    [TestCase("\u0301\u0302", TestName = "accents alone")]
    [TestCase("\u20DD", TestName = "enclosing circle alone")]
    [TestCase("\U00016FE4", TestName = "Khitan filler")]
    [TestCase("\uFFFC", TestName = "lost object")]
    [TestCase("\uFFFD\uFFFD", TestName = "lost characters")]
    public void TryShape_Rejects_WhenNothingIsSeenOfTheName(string text)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That((shaped.IsAccepted, shaped.Reasons), Is.EqualTo((false, "name_missing")));
    }

    [Test]
    public void TryShape_TakesEachDefaultIgnorableCharacter_ForNothing()
    {
        var seen = DefaultIgnorable.Where(character => ShapedRow.Of(row => row.Name = Rows.Utf8(char.ConvertFromUtf32(character))).Reasons != "name_missing");

        Assert.That(seen.Select(character => $"U+{character:X4}"), Is.Empty);
    }

    [Test]
    public void DefaultIgnorable_IsWhatUnicodeSays()
    {
        const string table = "/usr/share/unicode/DerivedCoreProperties.txt";
        if (!File.Exists(table))
        {
            TestServers.Missing($"{table} is not there: Debian's unicode-data has it");
        }

        var ranges = File.ReadLines(table).Select(line => line.Split('#')[0].Split(';', StringSplitOptions.TrimEntries)).Where(cells => cells is [_, "Default_Ignorable_Code_Point"]);
        var said = ranges.Select(cells => cells[0].Split("..")).SelectMany(ends => Enumerable.Range(Hex(ends[0]), Hex(ends[^1]) - Hex(ends[0]) + 1));

        Assert.That(DefaultIgnorable, Is.EquivalentTo(said));
    }

    [TestCase("می‌خواهم", TestName = "Persian with a non-joiner")]
    [TestCase("👩‍🍳 Kitchen", TestName = "a sequence of emoji")]
    [TestCase("☕️", TestName = "an emoji with its selector")]
    [TestCase("🏴󠁧󠁢󠁳󠁣󠁴󠁿", TestName = "Scotland's flag, made of tags")]
    [TestCase("ന്‍", TestName = "Malayalam with a joiner at its end")]
    [TestCase("ᠭᠠᠯ᠋", TestName = "Mongolian with a selector")]
    [TestCase("Donau\u00ADdampf\u00ADschiff", TestName = "soft hyphens")]
    [TestCase("\u3164Studio", TestName = "a filler before a word")]
    [TestCase("⠃⠗⠁⠊⠇⠇⠑⠀⠃⠁⠗", TestName = "braille with its blank")]
    [TestCase("ᄀᅠ", TestName = "a Hangul letter with a filler")]
    public void TryShape_LeavesThem_InATextThatIsSeen(string text)
    {
        var shaped = ShapedRow.Of(row => row.Name = Rows.Utf8(text));

        Assert.That((shaped.IsAccepted, shaped.Name, shaped.Reasons), Is.EqualTo((true, text, "")));
    }

    [TestCase("\u3164", "locality_missing")]
    [TestCase("\u2800\u2800", "locality_missing")]
    public void TryShape_AsksOfOtherFieldsTheSame(string text, string reason) =>
        Assert.That(ShapedRow.Of(row => row.Locality = Rows.Utf8(text)).Reasons, Is.EqualTo(reason));

    private static int Hex(string number) => int.Parse(number, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}

using System.Globalization;
using FacilityFeed.Domain.Shaping.Hosts;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Shaping.Hosts;

/// <summary>The table of characters says of every code point what Unicode's files say.</summary>
public sealed class HostCharactersTests
{
    private const string Table = "FacilityFeed.Domain/Shaping/Hosts/host-characters.csv";

    [SetUp]
    public void NeedUnicodeData() => UnicodeData.Need();

    [Test]
    public void Find_MapsEveryCodePoint_AsTheStandardsTable()
    {
        var status = UnicodeData.Property("idna/IdnaMappingTable.txt");
        var mapping = UnicodeData.Property("idna/IdnaMappingTable.txt", 2, fields => fields.Length > 2);
        for (var point = 0; point < UnicodeData.CodePoints; point++)
        {
            // Nontransitional, with STD3: what deviates is valid, what STD3 does not allow is not. ẞ and the underscore: HostCharactersRecipe.
            var expected = (status[point], point) switch
            {
                (_, '_') or ("valid" or "deviation", _) => "valid",
                (_, 0x1E9E) => "00DF",
                ("mapped", _) => mapping[point],
                ("ignored", _) => "",
                ("disallowed" or "disallowed_STD3_valid" or "disallowed_STD3_mapped", _) => null,
                _ => throw new InvalidDataException(status[point]),
            };
            var found = HostCharacters.Find(point);
            var actual = found is null ? null : found.Mapping is null ? "valid" : string.Join(' ', found.Mapping.Select(part => part.ToString("X4", CultureInfo.InvariantCulture)));
            if (actual != expected)
            {
                Assert.Fail($"U+{point:X4} is '{actual}', not '{expected}'");
            }
        }
    }

    [Test]
    public void Find_KnowsTheKindsOfEveryValidCodePoint()
    {
        var (bidi, joining) = (UnicodeData.Property("extracted/DerivedBidiClass.txt"), UnicodeData.Property("extracted/DerivedJoiningType.txt"));
        var (combining, category) = (UnicodeData.Property("extracted/DerivedCombiningClass.txt"), UnicodeData.Property("extracted/DerivedGeneralCategory.txt"));
        for (var point = 0; point < UnicodeData.CodePoints; point++)
        {
            if (HostCharacters.Find(point) is not { Mapping: null } found)
            {
                continue;
            }

            var expected = (bidi[point], joining[point] is "U" or "C" ? "" : joining[point], int.Parse(combining[point], CultureInfo.InvariantCulture), category[point][0] == 'M');
            if ((found.Bidi, found.Joining, found.CombiningClass, found.IsMark) != expected)
            {
                Assert.Fail($"U+{point:X4} is {found}, not {expected}");
            }
        }
    }

    [Test]
    public void Table_IsMadeByTheRecipe()
    {
        var made = HostCharactersRecipe.Make();
        if (File.ReadAllText(Repository.File(Table)) != made)
        {
            var copy = Path.Combine(TestContext.CurrentContext.WorkDirectory, Path.GetFileName(Table));
            File.WriteAllText(copy, made);
            Assert.Fail($"{Table} is not what the recipe makes of this machine's Unicode tables: look at {copy}, and put it in its place when it is right");
        }
    }
}

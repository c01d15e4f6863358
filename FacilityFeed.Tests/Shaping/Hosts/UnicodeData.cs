namespace FacilityFeed.Tests.Shaping.Hosts;

/// <summary>The files of Debian's packages unicode-data and unicode-idna.</summary>
internal static class UnicodeData
{
    /// <summary>The version that host-characters.csv is made from.</summary>
    public const string Version = "15.0.0";

    public const int CodePoints = 0x110000;

    private const string Folder = "/usr/share/unicode";

    /// <summary>Ends the test when the files are not there, or are of another version.</summary>
    public static void Need()
    {
        var table = Path.Combine(Folder, "idna/IdnaMappingTable.txt");
        if (!File.Exists(table) || !File.Exists(Path.Combine(Folder, "UnicodeData.txt")))
        {
            TestServers.Missing("Unicode's data files are not on this machine. Install them (Debian, Ubuntu: apt-get install unicode-data unicode-idna)");
        }

        var version = File.ReadLines(table).First(line => line.StartsWith("# Version: ", StringComparison.Ordinal))["# Version: ".Length..];
        if (version != Version)
        {
            TestServers.Missing($"Unicode's data files on this machine are of version {version}, host-characters.csv is of {Version}: to go over to it, change UnicodeData.Version and take the table that HostCharactersTests writes");
        }
    }

    /// <summary>The fields of a file's lines, without comments.</summary>
    public static IEnumerable<string[]> Read(string file) =>
        from line in File.ReadLines(Path.Combine(Folder, file))
        let text = line.Split('#')[0]
        where text.Trim().Length > 0
        select text.Split(';', StringSplitOptions.TrimEntries);

    /// <summary>What a file of ranges says of each code point.</summary>
    public static string[] Property(string file, int field = 1, Func<string[], bool>? only = null)
    {
        var values = new string[CodePoints];
        Array.Fill(values, "");
        foreach (var fields in Read(file).Where(only ?? (_ => true)))
        {
            var ends = fields[0].Split("..");
            Array.Fill(values, fields[field], Number(ends[0]), Number(ends[^1]) - Number(ends[0]) + 1);
        }

        return values;
    }

    public static int Number(string hexadecimal) => Convert.ToInt32(hexadecimal, 16);

    public static int[] Numbers(string hexadecimals) => [.. hexadecimals.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Number)];
}

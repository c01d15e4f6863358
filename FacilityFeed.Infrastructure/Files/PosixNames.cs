using System.Globalization;
using System.Text;

namespace FacilityFeed.Infrastructure.Files;

/// <summary>Users and groups as <c>/etc/passwd</c> and <c>/etc/group</c> tell of them; those of a directory service have a number only.</summary>
internal static class PosixNames
{
    private const int MostBytes = 4 * 1024 * 1024;

    // passwd(5): name, password, id, group, ...; group(5): name, password, id, members.
    private const int Id = 2;
    private const int Last = 3;

    public static bool IsUser(uint id) => Entry("passwd", id) is not null;

    /// <summary>For a message: the name, or the number.</summary>
    public static string OfUser(uint id) => Entry("passwd", id)?[0] ?? string.Create(CultureInfo.InvariantCulture, $"{id}");

    /// <summary>For a message: the name, or the number.</summary>
    public static string OfGroup(uint id) => Entry("group", id)?[0] ?? string.Create(CultureInfo.InvariantCulture, $"{id}");

    /// <summary>
    /// Whether somebody is in a group but this user and root. An unknown group has others, unless it is our own. Root's has those alone that are named as its
    /// members: it is the first group of system accounts that nobody uses, and of the users that some containers make up.
    /// </summary>
    public static bool HasOthers(uint group)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"{group}");
        var us = new[] { "root", OfUser(PosixUser.Id) };
        return (group != 0 && Entries("passwd").Any(user => user[Last] == number && !us.Contains(user[0])))
            || (Entry("group", group) is { } entry ? entry[Last].Split(',', StringSplitOptions.RemoveEmptyEntries).Except(us).Any() : group != 0 && group != PosixUser.Group);
    }

    private static string[]? Entry(string file, uint id)
    {
        var number = string.Create(CultureInfo.InvariantCulture, $"{id}");
        return Entries(file).FirstOrDefault(entry => entry[Id] == number);
    }

    // Without the lock that .NET puts on a file it reads: any user may hold one on these, and would have the last word.
    private static IEnumerable<string[]> Entries(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(RegularFile.ReadAll($"/etc/{file}", MostBytes)).Split('\n').Select(line => line.Split(':')).Where(entry => entry.Length > Last);
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or FormatException)
        {
            return [];
        }
    }
}

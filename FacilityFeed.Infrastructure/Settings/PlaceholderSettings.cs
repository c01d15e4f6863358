using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// Reads which further values of a feed count as none, and which of the shipped ones do not: <c>Placeholders</c> is a list with commas or
/// semicolons, <c>Placeholders:0</c> and so on are one value each, whatever is in it.
/// </summary>
internal static class PlaceholderSettings
{
    private const string Name = "Placeholders";

    public static Placeholders Read(SettingsReader reader)
    {
        var one = reader.Child(Name);
        string[] named =
        [
            .. reader.Parsed(Name, "", Listed, []),
            .. one.ChildNames().Where(name => name.All(char.IsAsciiDigit)).SelectMany(number => one.Parsed<string[]>(number, "", value => value.Length == 0 ? [] : [Checked(value)], [])),
        ];
        return named.Length == 0 ? Placeholders.Usual : new Placeholders(named);
    }

    private static string[] Listed(string list)
    {
        string[] values = [.. list.Split([',', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Checked)];
        return values.Length > 0 || list.Length == 0
            ? values
            : throw new FormatException("it names no value; write those that count as none with commas between them, for example 'keine, leer'");
    }

    private static string Checked(string written)
    {
        var value = written.Trim();
        var meant = value.StartsWith(Placeholders.Off) ? value[1..].Trim() : value;
        if (GivenText.HasCredentials(value))
        {
            throw new PlainValue.HiddenValueException("a user or password is no value that counts as none: take it out");
        }

        if (meant.Length is 0 or > Placeholders.Longest || meant.Any(char.IsControl))
        {
            throw new FormatException($"{GivenText.Quoted(value)} in it is no value of 1 to {Placeholders.Longest} characters on one line");
        }

        if (meant.Length == value.Length)
        {
            return value;
        }

        return Placeholders.Usual.Contains(Encoding.UTF8.GetBytes(meant), FacilityField.Name)
            ? $"{Placeholders.Off}{meant}"
            : throw new FormatException($"{GivenText.Quoted(value)} takes {GivenText.Quoted(meant)} off the list of values that count as none, and it is not on it; docs/records.md has the list");
    }
}

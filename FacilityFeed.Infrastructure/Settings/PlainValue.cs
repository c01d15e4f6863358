using System.Net;
using System.Text.RegularExpressions;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Settings that are names of something outside, and what may be shown of a value that is wrong (<see cref="GivenText"/>).</summary>
internal static partial class PlainValue
{
    /// <summary>Signs of an address, a connection string or <c>name:password</c>; they stand in no name of a database.</summary>
    public static readonly string[] OfAddress = ["://", "@", ";", ":", "?", "="];

    /// <summary>The same for a user, whose name may hold an @ (<c>user@server</c> at Azure).</summary>
    public static readonly string[] OfUser = ["://", ";", ":", "?", "="];

    // Their values are addresses, so not every colon tells something.
    private static readonly HashSet<string> _addresses = new(StringComparer.OrdinalIgnoreCase) { "Endpoint", "UrlTemplate" };

    /// <summary>How a message shows the wrong value of the setting <paramref name="name"/>: cut and escaped, or not at all where a secret may be in it.</summary>
    public static string Show(string name, string value, bool isHidden) =>
        value.Length == 0 ? "is not set" : isHidden || GivenText.MayHoldSecret(value, _addresses.Contains(name)) ? "has a value that is not shown, for a secret may be in it" : $"is '{ShownValue.Of(value)}'";

    /// <exception cref="FormatException">It holds one of <paramref name="signs"/>, the form of a password, or a control character; the value is not in the message.</exception>
    public static string Checked(string value, string[] signs) =>
        signs.FirstOrDefault(sign => value.Contains(sign, StringComparison.Ordinal)) is { } sign ? throw new HiddenValueException($"it must be the name alone, without '{sign}': no address, and no user or password in it")
        : GivenText.HasCredentials(value) ? throw new HiddenValueException("it must be the name alone: no user or password in it")
        : OneLine(value);

    /// <summary>A host's name or address, or a socket's folder or abstract name (<c>@name</c>); or several with commas.</summary>
    /// <param name="value">As it was given.</param>
    /// <param name="portRemedy">What is said of where the port belongs; null where it may stand after each host.</param>
    /// <exception cref="FormatException">It is none; the value is not in the message.</exception>
    public static string CheckedHost(string value, string? portRemedy)
    {
        var hosts = value.Split(',', StringSplitOptions.TrimEntries);
        return hosts.All(host => IsHost(portRemedy is null ? Port().Replace(host, "") : host))
            ? string.Join(',', hosts)
            : throw new HiddenValueException($"it must be the name or address of a host, or a socket's folder: no user or password{portRemedy}");
    }

    /// <summary>A folder's path; an address of a bucket is none, though a folder could be called so.</summary>
    /// <exception cref="FormatException">It holds a control character, or is an address rather than a path; the value is not in the message.</exception>
    public static string CheckedPath(string value) =>
        value.Contains("://", StringComparison.Ordinal) ? throw new HiddenValueException("it must be the path of a folder, not an address")
        : value is ['/', not '/', ..] ? OneLine(value)
        : GivenText.HasCredentials(value) ? throw new HiddenValueException("it must be the path of a folder alone: no user or password in it")
        : CheckedStart(value, "./");

    /// <summary>The place of objects in a store: one of AWS's keys, say, with <c>:</c> in it, is none.</summary>
    /// <exception cref="FormatException">It holds a sign of an address, the form of a password, or a control character; the value is not in the message.</exception>
    public static string CheckedFolder(string value) => CheckedStart(Checked(value, ["://", ";"]), "/");

    /// <summary>Says why a value is wrong that must not be shown.</summary>
    internal sealed class HiddenValueException(string why) : FormatException(why);

    /// <summary>The path that a setting names a file with, where it is one by its first folder; otherwise it may be the secret itself.</summary>
    public static string ShowPath(string path, string folder)
    {
        var first = path.TrimStart('/').Split('/')[0];
        return path.Contains('/') && first.Length > 0 && Directory.Exists(Path.Combine(path[0] == '/' ? "/" : folder, first))
            ? $"is '{ShownValue.Of(path)}'"
            : "names a file (its name is not shown, for it may be the secret itself)";
    }

    /// <exception cref="FormatException">It holds a control character or one that is not seen.</exception>
    private static string OneLine(string value) => ShownValue.Of(value, int.MaxValue) == value ? value : throw new FormatException("it must be one line without control characters or any that are not seen");

    // As rsync and scp take it: what has a colon before its first slash is no path but host:path, or user:password.
    private static string CheckedStart(string value, string remedy) => value.Split('/')[0].Contains(':')
        ? throw new HiddenValueException($"it has a ':' in its first part, as user:password has: leave that out, or write {remedy} before it where a folder is called so")
        : OneLine(value);

    private static bool IsHost(string host) => host is ['/' or '@', ..]
        ? !host.AsSpan(1).ContainsAny('@', ';') && !host.Contains("://", StringComparison.Ordinal) && !host.Any(char.IsWhiteSpace) && !GivenText.HasCredentials(host) && OneLine(host) == host
        : HostName().IsMatch(host) || (Address().IsMatch(host) && IPAddress.TryParse(host, out _));

    // Empty, for one that is left out of several.
    [GeneratedRegex(@"^[\p{L}\p{M}\p{N}._-]*\z")]
    private static partial Regex HostName();

    // IPv6, with or without brackets and a zone.
    [GeneratedRegex(@"^(\[[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?\]|[0-9A-Fa-f:.]+(%[A-Za-z0-9._-]+)?)\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Address();

    // After a name, or an IPv6 address in brackets.
    [GeneratedRegex(@"(?<=^([^:/@]+|\[[^]]+\])):[0-9]{1,5}\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Port();
}

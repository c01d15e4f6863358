using System.Globalization;
using System.Text.Json;

namespace FacilityFeed.Domain.Writing;

/// <summary>Rules that hold for more than one member. An empty text counts as none: in the partner's messages the two are the same.</summary>
internal static class RecordRules
{
    /// <summary>A member that the partner's message has not is refused by its parser.</summary>
    public static void OnlyKnown(JsonElement parent, string where, Action<string, string> report, params ReadOnlySpan<string> known)
    {
        foreach (var member in parent.EnumerateObject())
        {
            if (!known.Contains(member.Name))
            {
                report("unknown_member", $"{where} has the unknown member '{ShownValue.Of(member.Name)}'");
            }
        }
    }

    /// <summary>A text by the rules for all texts.</summary>
    /// <returns>Null when there is none, or it is no text.</returns>
    public static string? Text(JsonElement parent, string member, Action<string, string> report, bool isRequired = false)
    {
        var isThere = parent.TryGetProperty(member, out var value);
        if (isThere && value.ValueKind != JsonValueKind.String)
        {
            report($"{member}_type", $"{member} must be a string, but is {Shown(value)}");
            return null;
        }

        if (!isThere || value.GetString() is not { Length: > 0 } text)
        {
            if (isRequired)
            {
                report($"{member}_missing", $"{member} is required, but is {(isThere ? "empty" : "missing")}");
            }

            return null;
        }

        CheckText(member, text, report);
        return text;
    }

    /// <summary>An address that a browser opens.</summary>
    public static void Url(JsonElement parent, Action<string, string> report, bool isRequired = false)
    {
        if (Text(parent, "url", report, isRequired) is { } url && !IsWebAddress(url))
        {
            report("url_unusable", $"url '{ShownValue.Of(url)}' is not an absolute http or https address");
        }
    }

    /// <summary>An object.</summary>
    /// <returns>Null when there is none.</returns>
    public static JsonElement? Object(JsonElement parent, string member, Action<string, string> report)
    {
        if (!parent.TryGetProperty(member, out var value) || value.ValueKind == JsonValueKind.Object)
        {
            return value.ValueKind == JsonValueKind.Object ? value : null;
        }

        report($"{member}_type", $"{member} must be an object, but is {Shown(value)}");
        return null;
    }

    /// <summary>A value fit to be printed.</summary>
    public static string Shown(JsonElement value) => ShownValue.Of(value.GetRawText());

    private static void CheckText(string member, string text, Action<string, string> report)
    {
        if (text.Any(IsControl))
        {
            report($"{member}_control_characters", $"{member} '{ShownValue.Of(text)}' has control characters or bidirectional controls");
        }

        if (char.IsWhiteSpace(text[0]) || char.IsWhiteSpace(text[^1]))
        {
            report($"{member}_not_trimmed", $"{member} '{ShownValue.Of(text)}' begins or ends with blanks");
        }
    }

    // The marks and embeddings that turn the direction of text: https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters
    private static bool IsControl(char character) => char.GetUnicodeCategory(character) is UnicodeCategory.Control
        || character is '\u061C' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private static bool IsWebAddress(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)
        && address.Host.Length > 0
        && !url.Any(char.IsWhiteSpace)
        // .NET completes "http:host"; a browser may, a partner need not.
        && url.AsSpan(address.Scheme.Length).StartsWith("://");
}

using System.Buffers;
using System.Globalization;
using System.Text;

namespace FacilityFeed.Domain.Writing;

/// <summary>A link with places for a facility's key, such as <c>https://example.com/book/{id}</c>.</summary>
internal sealed class UrlTemplate
{
    /// <summary>Most characters in a link: more is not safe to hand to browsers and proxies.</summary>
    private const int LongestUrl = 2048;

    private const string Key = "{id}";
    private const string EntityId = "{entity_id}";
    private const string Example = "for example https://example.com/book/{id}";

    // RFC 3986, section 2. Percent signs are looked at by themselves.
    private static readonly SearchValues<char> _urlCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()*+,;=%");

    private readonly byte[][] _pieces;

    private UrlTemplate(string text, string[] pieces)
    {
        Text = text;
        _pieces = [.. pieces.Select(Encoding.ASCII.GetBytes)];
        MostBytes = LengthOf(pieces);
    }

    /// <summary>Stands for a template that is wrong.</summary>
    public static UrlTemplate StandIn { get; } = Parse("https://example.com/{id}", "");

    /// <summary>As it is configured.</summary>
    public string Text { get; }

    /// <summary>Bytes that a link can have.</summary>
    public int MostBytes { get; }

    /// <exception cref="FormatException">It does not make a valid link of every key; the message tells what to write.</exception>
    public static UrlTemplate Parse(string text, string entityIdPrefix)
    {
        if (text.Length == 0)
        {
            throw new FormatException($"write the link of a facility with {Key} in the place of its key, {Example}");
        }

        // An entity_id is the prefix and the key, so one kind of place is enough.
        var pieces = text.Replace(EntityId, entityIdPrefix + Key, StringComparison.Ordinal).Split(Key);
        if (pieces.Length == 1)
        {
            throw new FormatException($"every facility would get the same link; write {Key} (the key) or {EntityId} (EntityIdPrefix and the key) where it differs, {Example}");
        }

        foreach (var piece in pieces)
        {
            CheckPiece(piece);
        }

        CheckLink(string.Join("1", pieces));
        CheckLink(string.Join(long.MaxValue.ToString(CultureInfo.InvariantCulture), pieces));
        return LengthOf(pieces) <= LongestUrl
            ? new UrlTemplate(text, pieces)
            : throw new FormatException($"a link could have {LengthOf(pieces)} characters; shorten it to {LongestUrl}");
    }

    /// <summary>Puts the link for a key at the start of <paramref name="utf8"/>.</summary>
    /// <returns>Its length.</returns>
    public int Fill(Span<byte> utf8, ReadOnlySpan<byte> key)
    {
        _pieces[0].CopyTo(utf8);
        var length = _pieces[0].Length;
        foreach (var piece in _pieces.AsSpan(1))
        {
            key.CopyTo(utf8[length..]);
            piece.CopyTo(utf8[(length + key.Length)..]);
            length += key.Length + piece.Length;
        }

        return length;
    }

    private static int LengthOf(string[] pieces) => pieces.Sum(piece => piece.Length) + (pieces.Length - 1) * FormatOptions.LongestKey;

    private static void CheckPiece(string piece)
    {
        if (piece.AsSpan().ContainsAny('{', '}'))
        {
            throw new FormatException($"braces other than those of {Key} and {EntityId} stand in it; correct them, or write %7B and %7D");
        }

        if (piece.AsSpan().IndexOfAnyExcept(_urlCharacters) is var wrong and >= 0)
        {
            var character = Rune.TryGetRuneAt(piece, wrong, out var rune) ? $"U+{rune.Value:X4}" : "half a character";
            throw new FormatException($"a URL cannot hold {character}; percent-encode it, as %20 for a space");
        }

        for (var at = piece.IndexOf('%', StringComparison.Ordinal); at >= 0; at = piece.IndexOf('%', at + 1))
        {
            if (at + 2 >= piece.Length || !char.IsAsciiHexDigit(piece[at + 1]) || !char.IsAsciiHexDigit(piece[at + 2]))
            {
                throw new FormatException("a % in a URL comes before two hexadecimal digits; write %25 for the sign itself");
            }
        }
    }

    private static void CheckLink(string link)
    {
        var isHttp = link.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || link.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (!isHttp || !Uri.TryCreate(link, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || !uri.IsWellFormedOriginalString())
        {
            throw new FormatException($"it does not make a valid link; write a whole http or https URL, {Example}");
        }

        if (uri.UserInfo.Length > 0)
        {
            throw new FormatException("everybody could read the user or password in it; remove them");
        }
    }
}

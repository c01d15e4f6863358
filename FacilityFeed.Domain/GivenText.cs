using System.Text.RegularExpressions;

namespace FacilityFeed.Domain;

/// <summary>
/// What a person gave, in a setting or on the command line, and may have pasted into the wrong place: an address with a password in it, a
/// connection string, a key. A message goes to the terminal, the log, the ledger and the dashboard, so such a text is not in it.
/// </summary>
public static partial class GivenText
{
    // R2's secrets have 64 digits, for instance, and its ids 32.
    private const int LongHex = 40;

    /// <summary>In the place of a text that is not shown.</summary>
    public const string Hidden = "(not shown, for a secret may be in it)";

    /// <summary>A text that could not be used, in quotes, cut and escaped; or <see cref="Hidden"/>.</summary>
    public static string Quoted(string text) => MayHoldSecret(text) ? Hidden : $"'{ShownValue.Of(text)}'";

    /// <summary>Whether a text that could not be used may be, or hold, a secret: it has a sign of an address, of <c>user:password</c>, of <c>name=value</c>, or looks like a key.</summary>
    /// <param name="text">As it was given.</param>
    /// <param name="isAddress">Whether an address was asked for: the colons after its scheme and before its port, and what follows a <c>?</c>, tell nothing.</param>
    public static bool MayHoldSecret(string text, bool isAddress = false) =>
        text.AsSpan().ContainsAny('@', ';') || HasCredentials(text)
        || (isAddress ? ColonElsewhere().IsMatch(text) : text.AsSpan().ContainsAny(':', '=') || Query().IsMatch(text))
        || Key().Matches(text).Any(key => IsLikeKey(key.Value));

    /// <summary>Whether it surely has the form of a secret that something is told with: <c>user:password@</c>, or <c>password=</c> and the like. No place is for these, not even one where most signs may stand.</summary>
    public static bool HasCredentials(string text) => Credentials().IsMatch(text);

    private static bool IsLikeKey(string word) => word.Any(char.IsAsciiDigit)
        && ((word.Any(char.IsAsciiLetterLower) && word.Any(char.IsAsciiLetterUpper)) || (word.Length >= LongHex && word.Any(char.IsAsciiLetter) && word.All(char.IsAsciiHexDigit)));

    [GeneratedRegex(@":[^@\s]*@|(password|passwd|pwd|passphrase|secret|signature|credential|token|(access|account|api)[ _-]?key)s?[""']?\s*[=:]", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Credentials();

    // A ? with something after it; one that stands for itself is in many cron expressions.
    [GeneratedRegex(@"\?\S")]
    private static partial Regex Query();

    // Neither a scheme's nor a port's, nor one before a place to be filled.
    [GeneratedRegex(@":(?![/{])(?![0-9]{1,5}([/?#]|\z))", RegexOptions.ExplicitCapture)]
    private static partial Regex ColonElsewhere();

    // As keys are: long, and letters of both kinds with digits.
    [GeneratedRegex("[A-Za-z0-9+/=_-]{16,}")]
    private static partial Regex Key();
}

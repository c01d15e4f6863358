using System.Buffers;
using System.Text;
using FacilityFeed.Domain.Shaping.Patterns;

namespace FacilityFeed.Domain.Shaping;

/// <summary>What the rules need to know of one country.</summary>
/// <param name="Code">ISO 3166-1 alpha-2, in capitals.</param>
/// <param name="HasPostalCodes">Whether its addresses have a postal code.</param>
/// <param name="NeedsRegion">Whether its addresses are incomplete without a region.</param>
/// <param name="PostalCodePattern">The regular expression that its postal codes match as a whole; empty when that is not known.</param>
internal sealed record Country(string Code, bool HasPostalCodes, bool NeedsRegion, string PostalCodePattern)
{
    private const string ZipPlus4 = @"(?:-\d{4})?";

    // Read when the first record of the country comes, for all that follow.
    private readonly Lazy<CodePattern> _postalCode = new(() => new CodePattern(PostalCodePattern));

    /// <summary>The code as it goes into the feed.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = Encoding.ASCII.GetBytes(Code);

    /// <summary>Whether its codes may have the four digits more of ZIP+4: those of the United States and of what shares their codes.</summary>
    public bool HasZipPlus4 { get; } = PostalCodePattern.EndsWith(ZipPlus4, StringComparison.Ordinal);

    /// <summary>How many digits alone are one of its postal codes; 0 when there is no such number.</summary>
    public int PostalCodeDigits { get; } = PostalCodePattern is ['\\', 'd', '{', >= '1' and <= '9' and var digits, '}', .. "" or ZipPlus4] ? digits - '0' : 0;

    /// <summary>Whether <paramref name="code"/> is one of its postal codes; case does not matter.</summary>
    public bool IsPostalCode(ReadOnlySpan<char> code)
    {
        // In capitals, as the patterns are.
        Span<char> capitals = stackalloc char[PostalCodeRule.Longest];
        return Ascii.ToUpper(code, capitals, out var length) == OperationStatus.Done && _postalCode.Value.IsMatch(capitals[..length]);
    }
}

using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>What the rules need to know of one country.</summary>
/// <param name="Code">ISO 3166-1 alpha-2, in capitals.</param>
/// <param name="HasPostalCodes">Whether its addresses have a postal code.</param>
/// <param name="NeedsRegion">Whether its addresses are incomplete without a region.</param>
internal sealed record Country(string Code, bool HasPostalCodes, bool NeedsRegion)
{
    /// <summary>The code as it goes into the feed.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = Encoding.ASCII.GetBytes(Code);
}

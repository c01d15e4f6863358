namespace FacilityFeed.Domain.Shaping;

/// <summary>Finds countries, and remembers the last one: most rows have the country of the row before.</summary>
internal sealed class CountryMemory
{
    // The country of a longer text is not remembered, only looked up.
    private readonly byte[] _written = new byte[64];
    private int _length;
    private Country? _country;

    /// <inheritdoc cref="Countries.Find(ReadOnlySpan{byte})"/>
    public Country? Find(ReadOnlySpan<byte> written)
    {
        if (_length > 0 && written.SequenceEqual(_written.AsSpan(0, _length)))
        {
            return _country;
        }

        _length = written.TryCopyTo(_written) ? written.Length : 0;
        return _country = Countries.Find(written);
    }
}

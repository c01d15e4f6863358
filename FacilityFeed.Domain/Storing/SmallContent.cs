namespace FacilityFeed.Domain.Storing;

/// <summary>
/// Reads whole what is small by its nature - a manifest, an alias, a file of settings - and gives up at a limit: what has such a name in a store or
/// on a disk may be anything, also something without an end.
/// </summary>
public static class SmallContent
{
    private const int MiB = 1024 * 1024;

    /// <summary>Most bytes of an object that is read whole. The manifest of the most chunks a run may have (2000, each name up to 120 characters) has a tenth of it.</summary>
    public const int MostObjectBytes = 4 * MiB;

    private const int FirstBytes = 16 * 1024;

    /// <returns>All of an object; null when there is none.</returns>
    /// <exception cref="FormatException">It has more than <see cref="MostObjectBytes"/>, so it is nothing of ours.</exception>
    public static async Task<byte[]?> ReadAsync(IFeedStore store, string name, CancellationToken cancellationToken)
    {
        await using var stored = await OpenAsync(store, name, cancellationToken);
        if (stored is null)
        {
            return null;
        }

        var (bytes, filled) = (new byte[FirstBytes], 0);
        while (await stored.ReadAsync(bytes.AsMemory(filled), cancellationToken) is var read and > 0)
        {
            bytes = Room(bytes, filled += read, MostObjectBytes);
        }

        return bytes[..filled];
    }

    private static async Task<Stream?> OpenAsync(IFeedStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.OpenReadAsync(name, MostObjectBytes, cancellationToken);
        }
        catch (ObjectTooLongException)
        {
            throw TooLarge(MostObjectBytes);
        }
    }

    /// <summary>Reads to the end, which must come within <paramref name="most"/> bytes.</summary>
    /// <exception cref="FormatException">It does not.</exception>
    public static byte[] Read(Stream content, int most)
    {
        var (bytes, filled) = (new byte[FirstBytes], 0);
        while (content.Read(bytes.AsSpan(filled)) is var read and > 0)
        {
            bytes = Room(bytes, filled += read, most);
        }

        return bytes[..filled];
    }

    private static FormatException TooLarge(long most) => new($"it is larger than {(most >= MiB ? $"{most / MiB} MiB" : $"{most / 1024} KiB")}");

    private static byte[] Room(byte[] bytes, int filled, int most)
    {
        if (filled > most)
        {
            throw TooLarge(most);
        }

        if (filled == bytes.Length)
        {
            Array.Resize(ref bytes, Math.Min(2 * bytes.Length, Math.Max(bytes.Length, most) + 1));
        }

        return bytes;
    }
}

using System.IO.Compression;
using System.Text;

namespace FacilityFeed.Tests.Support;

/// <summary>Packs what a test wants to be in a shard.</summary>
public static class Gzip
{
    /// <summary>Length of the checksum and length that end a member.</summary>
    public const int TrailerBytes = 8;

    public static byte[] Pack(string text) => Pack(Encoding.UTF8.GetBytes(text));

    public static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }
}

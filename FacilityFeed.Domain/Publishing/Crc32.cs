using System.Buffers.Binary;

namespace FacilityFeed.Domain.Publishing;

/// <summary>The checksum of gzip (RFC 1952, section 8), eight bytes at a step.</summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Step = 8;

    private static readonly uint[][] _tables = MakeTables();

    /// <summary>The checksum of what <paramref name="crc"/> stands for followed by <paramref name="bytes"/>; 0 stands for nothing.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        crc = ~crc;
        for (; bytes.Length >= Step; bytes = bytes[Step..])
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            crc = _tables[7][low & 0xFF] ^ _tables[6][(low >> 8) & 0xFF] ^ _tables[5][(low >> 16) & 0xFF] ^ _tables[4][low >> 24]
                ^ _tables[3][bytes[4]] ^ _tables[2][bytes[5]] ^ _tables[1][bytes[6]] ^ _tables[0][bytes[7]];
        }

        foreach (var value in bytes)
        {
            crc = _tables[0][(crc ^ value) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>The first table takes one byte in; each further one lets another zero byte follow.</summary>
    private static uint[][] MakeTables()
    {
        var tables = Enumerable.Range(0, Step).Select(_ => new uint[256]).ToArray();
        for (var value = 0u; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ Polynomial;
            }

            tables[0][value] = crc;
        }

        for (var table = 1; table < Step; table++)
        {
            for (var value = 0; value < 256; value++)
            {
                var crc = tables[table - 1][value];
                tables[table][value] = tables[0][crc & 0xFF] ^ (crc >> 8);
            }
        }

        return tables;
    }
}

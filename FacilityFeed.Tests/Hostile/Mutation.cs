namespace FacilityFeed.Tests.Hostile;

/// <summary>Changes bytes at random, as a broken or hostile server might send them.</summary>
internal static class Mutation
{
    public static byte[] Random(Random random, int most)
    {
        var bytes = new byte[random.Next(1, most)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static byte[] Of(byte[] bytes, Random random)
    {
        var at = random.Next(bytes.Length);
        switch (random.Next(6))
        {
            case 0:
                return bytes[..at];
            case 1:
                return [.. bytes[..at], .. Random(random, 8), .. bytes[at..]];
            case 2:
                return [.. bytes, .. bytes];
            case 3:
                return [.. bytes[..at], .. bytes[(at + 1)..]];
            default:
                var changed = bytes.ToArray();
                for (var left = random.Next(1, 4); left > 0; left--)
                {
                    changed[random.Next(changed.Length)] = (byte)(random.Next(3) == 0 ? 0xff : random.Next(256));
                }

                return changed;
        }
    }
}

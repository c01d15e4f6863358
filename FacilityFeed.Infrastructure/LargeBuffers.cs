using System.Buffers;
using System.Collections;
using System.Reflection;

namespace FacilityFeed.Infrastructure;

/// <summary>
/// Npgsql rents a buffer of whatever length a message claims, up to 1 GiB, before the message is there, and the runtime's pool keeps it afterwards: once for
/// each thread and size. A server that claims often enough would fill the process's addresses, or in a container its memory, with buffers that
/// nobody uses; neither driver nor pool has a setting against it.
/// </summary>
internal static class LargeBuffers
{
    // Buckets of the pool are powers of two from 16 bytes on: of more than 1 MiB.
    private const int FirstLarge = 17;

    /// <summary>
    /// Lets the pool forget the large buffers that it keeps; those in use stay their users'. Nothing when the runtime has renamed what is looked for.
    /// Safe beside others who rent and return: at worst a buffer just returned is forgotten too.
    /// </summary>
    public static void Forget()
    {
        Clear(Held("_buckets") as Array);
        foreach (var ofAThread in (Held("_allTlsBuckets") as IEnumerable)?.Cast<object>() ?? [])
        {
            Clear(ofAThread.GetType().GetProperty("Key")?.GetValue(ofAThread) as Array);
        }
    }

    private static object? Held(string name) => ArrayPool<byte>.Shared.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(ArrayPool<byte>.Shared);

    private static void Clear(Array? buckets)
    {
        if (buckets is { Length: > FirstLarge })
        {
            Array.Clear(buckets, FirstLarge, buckets.Length - FirstLarge);
        }
    }
}

using System.Security.Cryptography;
using System.Text;

namespace FacilityFeed.Tests.Embedded;

/// <summary>Where root's embedded servers are when their user cannot reach the data directory.</summary>
internal static class SharedHome
{
    private const string Place = "/var/lib/facilityfeed";

    /// <summary>The folder of a data directory's server.</summary>
    public static string Of(string dataDirectory) => Path.Combine(Place, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(dataDirectory)))[..16]);

    /// <summary>Removes what a test has made there.</summary>
    public static void Remove(string dataDirectory)
    {
        if (Directory.Exists(Of(dataDirectory)))
        {
            Directory.Delete(Of(dataDirectory), recursive: true);
        }

        RemoveIfEmpty();
    }

    public static void RemoveIfEmpty()
    {
        // Who is not root has nothing there, and may not look when root has.
        if (Environment.IsPrivilegedProcess && Directory.Exists(Place) && !Directory.EnumerateFileSystemEntries(Place).Any())
        {
            Directory.Delete(Place);
        }
    }
}

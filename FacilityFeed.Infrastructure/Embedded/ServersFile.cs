using System.Text;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// A small file that is not ours alone: of the cluster, whose owner is the server's user, which to a root process is another one and may have put anything
/// there; and what the system tells. Read without the lock that .NET puts on a file: whoever may read it may hold another, and keep us out.
/// </summary>
internal static class ServersFile
{
    private const int MostBytes = 64 * 1024;

    /// <summary>Its lines; none when it is not there, or is no file of its own: a link is not followed, and a pipe not waited for.</summary>
    public static string[] Lines(string path, int mostBytes = MostBytes)
    {
        try
        {
            if (FileStatus.Of(path) is not { Kind: FileKind.File })
            {
                return [];
            }

            var text = Encoding.UTF8.GetString(RegularFile.ReadAll(path, mostBytes));
            return (text.EndsWith('\n') ? text[..^1] : text).Split('\n');
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or FormatException)
        {
            return [];
        }
    }
}

using System.Net.Sockets;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>The socket in a folder, as PostgreSQL names it.</summary>
internal static class ServerSocket
{
    private const string Name = ".s.PGSQL.5432";

    /// <summary>
    /// Whether a server listens there, wherever its process is: from another container too, where both have the folder. False is proof that none does: a
    /// server that hangs is connected to by the system.
    /// </summary>
    public static bool Answers(string folder)
    {
        var path = Path.Combine(folder, Name);
        if (!Path.Exists(path))
        {
            return false;
        }

        // Without waiting for a turn, which a server that hangs never gives.
        using var asking = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            asking.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (ArgumentException)
        {
            // Longer than a socket's path can be.
            return false;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.NotSocket);
        }
    }

    /// <summary>Removes the socket of a server that is dead; its lock file may hold the number of a living program by now.</summary>
    public static void Remove(string folder)
    {
        File.Delete(Path.Combine(folder, Name));
        File.Delete(Path.Combine(folder, $"{Name}.lock"));
    }
}

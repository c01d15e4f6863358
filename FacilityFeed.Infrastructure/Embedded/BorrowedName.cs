using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>
/// initdb asks for its user's name, which a user id given by <c>docker run --user</c> has not. The library that PostgreSQL's
/// own image uses lends it one.
/// </summary>
internal static class BorrowedName
{
    private static readonly string[] _libraryFolders = ["/usr/lib", "/usr/lib64"];

    /// <summary>Environment for initdb; empty when the user has a name.</summary>
    /// <exception cref="FeedRejectedException">The user has no name, and there is no library to lend one.</exception>
    public static IReadOnlyDictionary<string, string> For(ClusterHome home)
    {
        var user = PosixUser.Id;
        if (Environment.IsPrivilegedProcess || HasName(user))
        {
            return new Dictionary<string, string>();
        }

        var library = Library() ?? throw new FeedRejectedException(
            $"The user id {user} has no entry in /etc/passwd, and PostgreSQL's initdb needs one: run as another user, install libnss-wrapper, or set STATE_DB and DB_* to databases of your own");
        var users = Path.Combine(home.Folder, "initdb-passwd");
        var groups = Path.Combine(home.Folder, "initdb-group");
        OwnFile.Replace(users, $"facilityfeed:x:{user}:{PosixUser.Group}::/:/bin/false\n");
        OwnFile.Replace(groups, $"facilityfeed:x:{PosixUser.Group}:\n");
        return new Dictionary<string, string> { ["LD_PRELOAD"] = library, ["NSS_WRAPPER_PASSWD"] = users, ["NSS_WRAPPER_GROUP"] = groups };
    }

    private static bool HasName(uint user) => Environment.UserName.Length > 0 || PosixNames.IsUser(user);

    private static string? Library() => _libraryFolders
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.GetDirectories(folder, "*-linux-gnu").Append(folder))
        .Select(folder => Path.Combine(folder, "libnss_wrapper.so"))
        .FirstOrDefault(File.Exists);
}

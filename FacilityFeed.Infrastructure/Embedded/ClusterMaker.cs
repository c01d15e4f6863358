using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Makes the cluster once: scram with a generated password, UTF-8, page checksums.</summary>
internal sealed class ClusterMaker(ClusterHome home, PostgresBinaries binaries, ToolRunner tools)
{
    /// <summary>The cluster's password; makes the cluster first when there is none.</summary>
    public async Task<string> EnsureAsync(string user, CancellationToken cancellationToken)
    {
        if (!home.Exists)
        {
            await MakeAsync(user, cancellationToken);
        }

        if (!File.Exists(home.PasswordFile))
        {
            throw new FeedRejectedException($"{home.PasswordFile} is missing, so the embedded database in {home.Folder} cannot be opened: restore that file, or move the folder away to begin with an empty one");
        }

        return (await File.ReadAllTextAsync(home.PasswordFile, cancellationToken)).Trim();
    }

    private async Task MakeAsync(string user, CancellationToken cancellationToken)
    {
        if (Directory.Exists(home.NewCluster))
        {
            // Left by a process that was killed while it made one.
            Directory.Delete(home.NewCluster, recursive: true);
        }

        Directory.CreateDirectory(home.NewCluster, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var password = EmbeddedPostgres.NewPassword();
        await WriteSecretAsync(home.PasswordFile, password, cancellationToken);
        // initdb reads the password as the user it runs as; the folder is already closed to all others.
        var passwordForInitdb = Path.Combine(home.Folder, "initdb-password");
        await WriteSecretAsync(passwordForInitdb, password, cancellationToken);
        await GiveToServerUserAsync([home.NewCluster, passwordForInitdb], cancellationToken);

        try
        {
            await tools.RunAsync(binaries.Initdb,
                ["--pgdata", home.NewCluster, "--username", user, "--pwfile", passwordForInitdb, "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--data-checksums"],
                cancellationToken, BorrowedName.For(home));
        }
        finally
        {
            File.Delete(passwordForInitdb);
        }

        Directory.Move(home.NewCluster, home.Cluster);
    }

    private static async Task GiveToServerUserAsync(string[] paths, CancellationToken cancellationToken)
    {
        if (Environment.IsPrivilegedProcess)
        {
            await new ToolRunner(dropPrivileges: false).RunAsync("chown", [$"{ToolRunner.ServerUser}:{ToolRunner.ServerUser}", .. paths], cancellationToken);
        }
    }

    private static async Task WriteSecretAsync(string path, string secret, CancellationToken cancellationToken)
    {
        File.Delete(path);
        await using var file = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await file.WriteAsync(System.Text.Encoding.ASCII.GetBytes(secret + "\n"), cancellationToken);
        file.Flush(flushToDisk: true);
    }
}

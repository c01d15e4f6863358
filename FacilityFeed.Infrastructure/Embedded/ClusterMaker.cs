using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>Makes the cluster once: scram with a generated password, UTF-8, page checksums.</summary>
internal sealed class ClusterMaker(ClusterHome home, PostgresBinaries binaries, ToolRunner tools)
{
    /// <summary>The cluster's password; makes the cluster first when there is none.</summary>
    public async Task<string> EnsureAsync(string user, CancellationToken cancellationToken)
    {
        RemoveUnfinished();
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
        var made = home.NewCluster();
        Directory.CreateDirectory(made, OwnFolder.Private);
        var password = EmbeddedPostgres.NewPassword();
        OwnFile.Replace(home.PasswordFile, $"{password}\n");
        // Of an older cluster, whose files are no longer there.
        File.Delete(home.ServicePasswordFile);
        // initdb reads the password as the user it runs as; the folder is already closed to all others.
        var passwordForInitdb = Path.Combine(home.Folder, "initdb-password");
        OwnFile.Replace(passwordForInitdb, $"{password}\n");
        await tools.GiveToServerUserAsync([made, passwordForInitdb], cancellationToken);

        try
        {
            await tools.RunAsync(binaries.Initdb,
                ["--pgdata", made, "--username", user, "--pwfile", passwordForInitdb, "--auth-local", "scram-sha-256", "--auth-host", "reject", "--encoding", "UTF8", "--locale", "C", "--data-checksums"],
                cancellationToken, BorrowedName.For(home));
        }
        finally
        {
            File.Delete(passwordForInitdb);
        }

        Directory.Move(made, home.Cluster);
    }

    // Only under the start lock, so no living process of ours is at one.
    private void RemoveUnfinished()
    {
        foreach (var unfinished in home.UnfinishedClusters())
        {
            try
            {
                if (FileStatus.Of(unfinished) is { IsFolder: true })
                {
                    Directory.Delete(unfinished, recursive: true);
                }
                else
                {
                    File.Delete(unfinished);
                }
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Its initdb still writes there, for a moment: the next start removes it.
            }
        }
    }
}

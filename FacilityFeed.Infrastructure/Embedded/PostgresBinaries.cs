using System.Globalization;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>The machine's PostgreSQL server programs: found on PATH or where Debian, Red Hat and Homebrew put them.</summary>
internal sealed record PostgresBinaries(string Folder, int Major)
{
    public const string HowToGetThem =
        "Install them (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server), or set STATE_DB and DB_* to databases of your own";

    private static readonly string[] _packagePlaces = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt"];

    public string Initdb => Path.Combine(Folder, "initdb");

    public string PgCtl => Path.Combine(Folder, "pg_ctl");

    /// <param name="clusterMajor">The major version that made the cluster on disk; null when there is none yet.</param>
    /// <param name="tools">Asks the programs for their version.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="FeedRejectedException">No binaries, or none of that version.</exception>
    public static async Task<PostgresBinaries> FindAsync(int? clusterMajor, ToolRunner tools, CancellationToken cancellationToken)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in Folders().Where(IsComplete))
        {
            var (exitCode, version) = await tools.TryRunAsync(Path.Combine(folder, "pg_ctl"), ["--version"], cancellationToken);
            var number = version.Split(' ', '\n').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0]));
            // One that does not run, such as a link to a removed version, is none.
            if (exitCode == 0 && number is not null)
            {
                found.Add(new PostgresBinaries(folder, int.Parse(number.Split('.')[0], CultureInfo.InvariantCulture)));
            }
        }

        var suitable = clusterMajor is null ? found.MaxBy(binaries => binaries.Major) : found.FirstOrDefault(binaries => binaries.Major == clusterMajor);
        return suitable ?? throw new FeedRejectedException(found.Count == 0
            ? $"PostgreSQL's server programs (initdb, pg_ctl, postgres) are not on this machine. {HowToGetThem}"
            : $"The embedded database was made by PostgreSQL {clusterMajor}, and this machine has {string.Join(", ", found.Select(binaries => binaries.Major))}: install PostgreSQL {clusterMajor}");
    }

    private static IEnumerable<string> Folders()
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        var packaged = _packagePlaces
            .Where(Directory.Exists)
            .SelectMany(Directory.GetDirectories)
            .Select(folder => Path.Combine(folder, "bin"));
        return [.. path, .. packaged];
    }

    private static bool IsComplete(string folder) =>
        IsThere(Path.Combine(folder, "initdb")) && IsThere(Path.Combine(folder, "pg_ctl")) && IsThere(Path.Combine(folder, "postgres"));

    // A link whose target is gone exists by itself; PostgreSQL elsewhere on the machine must still be found.
    private static bool IsThere(string path) => new FileInfo(path) is { Exists: true } file && (file.LinkTarget is null || file.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true });
}

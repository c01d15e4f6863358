using System.Text;
using System.Text.RegularExpressions;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>What goes when a container goes, because it lies in the container itself or in a volume without a name.</summary>
public static partial class ContainerLoss
{
    /// <summary>Says on stderr what would be lost, in one line; nothing outside a container, or when all is kept.</summary>
    public static async Task WarnAsync(ServiceSettings settings)
    {
        const string Mounts = "/proc/self/mountinfo";
        // Set by the base images of .NET.
        if (Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1" && File.Exists(Mounts)
            && Describe(settings, await File.ReadAllTextAsync(Mounts)) is { } loss)
        {
            await Console.Error.WriteLineAsync($"warning: {loss}");
        }
    }

    /// <summary>What would be lost, and how to keep it; null when nothing would be.</summary>
    /// <param name="settings">They name the folders.</param>
    /// <param name="mountInfo">What <c>/proc/self/mountinfo</c> holds.</param>
    public static string? Describe(ServiceSettings settings, string mountInfo)
    {
        var state = settings.State;
        var losesState = state.ConnectionString is null && !IsKept(state.DataDirectory, mountInfo);
        var stores = settings.Feeds.Values.Select(feed => settings.Stores[feed.Store]).OfType<LocalStoreOptions>().Select(store => store.Path).Distinct(StringComparer.Ordinal).Where(path => !IsKept(path, mountInfo)).ToArray();
        string[] losses =
        [
            .. losesState ? [$"the history of runs, the retries of unfinished ones and the order of generations ({state.DataDirectory})"] : Array.Empty<string>(),
            .. stores.Length > 0 ? [$"the feeds themselves ({string.Join(", ", stores)})"] : Array.Empty<string>(),
        ];
        var remedy = losesState ? ", or set STATE_DB for the state" : "";
        return losses.Length == 0 ? null : $"when this container is removed, so are {string.Join(", and ", losses)}: keep them in a named volume (-v facilityfeed:/data){remedy}";
    }

    private static bool IsKept(string folder, string mountInfo)
    {
        // The longest mount point holds the folder; of two on the same point, the later one.
        var mount = mountInfo.Split('\n').Select(Mount.Parse).OfType<Mount>().Where(mount => mount.Holds(folder)).OrderBy(mount => mount.Point.Length).LastOrDefault();
        return mount is { Point: not "/", FileSystem: not "tmpfs" } && !AnonymousVolume().IsMatch(mount.Root);
    }

    /// <summary>Docker and Podman name a volume that nobody named by 64 hex digits; <c>docker run --rm</c> removes it.</summary>
    [GeneratedRegex(@"/volumes/[0-9a-f]{64}/_data(/|\z)")]
    private static partial Regex AnonymousVolume();

    private sealed record Mount(string Root, string Point, string FileSystem)
    {
        // number, parent, device, root, mount point, options, any tags, "-", file system, ... (proc(5))
        public static Mount? Parse(string line)
        {
            var words = line.Split(' ');
            var dash = Array.IndexOf(words, "-");
            return dash > 5 && words.Length > dash + 1 ? new Mount(Unescape(words[3]), Unescape(words[4]), words[dash + 1]) : null;
        }

        public bool Holds(string folder) => Point == "/" || folder == Point || folder.StartsWith(Point + "/", StringComparison.Ordinal);

        // The kernel writes space, tab, line end and backslash as octal numbers.
        private static string Unescape(string text) =>
            new StringBuilder(text).Replace(@"\040", " ").Replace(@"\011", "\t").Replace(@"\012", "\n").Replace(@"\134", "\\").ToString();
    }
}

using System.Globalization;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    public static async Task<SmallDisk> MountAsync(string folder, int kibibytes)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            TestServers.Missing("Only root may mount a file system: run the fault tests as root to see what a full disk does");
        }

        Directory.CreateDirectory(folder);
        await Tool.RunAsync("mount", "-t", "tmpfs", "-o", Size(kibibytes), "tmpfs", folder);
        return new SmallDisk(folder);
    }

    public Task GrowAsync(int kibibytes) => Tool.RunAsync("mount", "-o", $"remount,{Size(kibibytes)}", _folder);

    public async ValueTask DisposeAsync() => await Tool.RunAsync("umount", "--lazy", _folder);

    private static string Size(int kibibytes) => string.Create(CultureInfo.InvariantCulture, $"size={kibibytes}k");
}

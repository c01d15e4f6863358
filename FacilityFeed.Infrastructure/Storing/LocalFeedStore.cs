using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Files;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>A folder. Objects appear whole or not at all, and survive a power cut once they are there.</summary>
/// <param name="options">Where it is.</param>
/// <param name="prefix">Folder in it; empty, or ends with <c>/</c>.</param>
/// <param name="points">Told of the moments at which the tests let the process die.</param>
/// <param name="feed">Key of the feed, for messages about its settings.</param>
public sealed class LocalFeedStore(LocalStoreOptions options, string prefix, CrashPoints points, string feed = PlainNames.DefaultFeed) : IFeedStore
{
    private const int CopyBufferBytes = 128 * 1024;

    private readonly string _root = Path.Combine(options.Path, prefix);

    public string Locate(string name) => Path.Combine(_root, name);

    public TimeSpan? ClockSkew => null;

    public Task CheckAsync(CancellationToken cancellationToken) => GuardAsync("written to", options.Path, async () =>
    {
        MakeFolder(_root);
        // All that an object needs: a file, its rename, and a folder that may be read to be synced.
        var (probe, renamed) = (Path.Combine(_root, Leftovers.TemporaryName("probe")), Path.Combine(_root, Leftovers.TemporaryName("probe")));
        try
        {
            await using var written = await WriteAsync(probe, ObjectContent.Of([1]), cancellationToken);
            PosixFile.TryRenameNew(probe, renamed);
            PosixFile.SyncFolder(_root);
        }
        finally
        {
            File.Delete(probe);
            File.Delete(renamed);
        }

        return true;
    });

    // A rename that never replaces is claim enough.
    public Task ClaimAsync(string start, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task ReleaseAsync(string start, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<StoredObject> CreateAsync(string name, ObjectContent content, CancellationToken cancellationToken) => GuardAsync("stored", Locate(name), async () =>
    {
        var path = PathOf(name);
        var folder = EnsureFolder(path);
        var temporary = Path.Combine(folder, Leftovers.TemporaryName(Path.GetFileName(name)));
        try
        {
            await using var written = await WriteAsync(temporary, content, cancellationToken);
            // Seen before it gets its name: a wrong length must never be visible.
            ProveLength(temporary, path, content);
            points.Pass(CrashPoint.ObjectUnnamed);
            if (!PosixFile.TryRenameNew(temporary, path) && !await HoldsAsync(new StoredObject(name, content.Bytes, content.Sha256), cancellationToken))
            {
                throw new FeedRejectedException($"{path} is there already with other bytes: another installation publishes here. Give one of them another {PlainNames.OfFeed(feed, "Name")}, prefix or folder");
            }
        }
        finally
        {
            File.Delete(temporary);
        }

        PosixFile.SyncFolder(folder);
        ProveLength(path, path, content);
        return new StoredObject(name, content.Bytes, content.Sha256);
    });

    public Task ReplaceAsync(string name, ObjectContent content, CancellationToken cancellationToken) => GuardAsync("replaced", Locate(name), async () =>
    {
        var path = PathOf(name);
        var folder = EnsureFolder(path);
        var temporary = Path.Combine(folder, Leftovers.TemporaryName(Path.GetFileName(name)));
        try
        {
            await using var written = await WriteAsync(temporary, content, cancellationToken);
            ProveLength(temporary, path, content);
            points.Pass(CrashPoint.AliasUnnamed);
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }

        PosixFile.SyncFolder(folder);
        return true;
    });

    public Task<bool> HoldsAsync(StoredObject expected, CancellationToken cancellationToken) => GuardAsync("read back", Locate(expected.Name), async () =>
    {
        // Without the lock that .NET puts on a file it reads: whoever may read a feed may hold another on it.
        await using var stored = File.Exists(PathOf(expected.Name)) ? RegularFile.TryOpen(PathOf(expected.Name)) : null;
        if (stored is null || stored.Length != expected.Bytes)
        {
            return false;
        }

        await using var watched = new WatchedStream(stored);
        var hash = await SHA256.HashDataAsync(watched, cancellationToken);
        return Convert.ToHexStringLower(hash) == expected.Sha256;
    });

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken) => OpenReadAsync(name, long.MaxValue, cancellationToken);

    public Task<Stream?> OpenReadAsync(string name, long most, CancellationToken cancellationToken) => GuardAsync("read", Locate(name), () =>
    {
        var file = File.Exists(PathOf(name)) ? RegularFile.TryOpen(PathOf(name)) : null;
        if (file is not { Length: var bytes } || bytes <= most)
        {
            return Task.FromResult<Stream?>(file);
        }

        file.Dispose();
        throw new ObjectTooLongException(Locate(name), bytes, most);
    });

    public async IAsyncEnumerable<string> ListAsync(string start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var paths = await GuardAsync("listed", _root, () => Task.FromResult(Directory.Exists(_root) ? Directory.GetFiles(_root) : []));
        foreach (var path in paths)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Hidden: an object that has not got its name yet, unless hidden ones are asked for.
            if (Path.GetFileName(path) is var name && name.StartsWith(start, StringComparison.Ordinal) && (!name.StartsWith('.') || start.StartsWith('.')))
            {
                yield return name;
            }
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => GuardAsync("removed", Locate(name), () =>
    {
        if (File.Exists(PathOf(name)))
        {
            File.Delete(PathOf(name));
            PosixFile.SyncFolder(Path.GetDirectoryName(PathOf(name))!);
        }

        return Task.FromResult(true);
    });

    private string PathOf(string name) => Path.Combine(_root, ObjectNames.Inside(name));

    private static string EnsureFolder(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        MakeFolder(folder);
        return folder;
    }

    private static void MakeFolder(string folder)
    {
        try
        {
            if (!Directory.Exists(folder))
            {
                OwnFolder.MakeReadable(folder);
                // The new folder's own name must survive a power cut too.
                PosixFile.SyncFolder(Path.GetDirectoryName(folder) ?? "/");
            }
        }
        catch (FileNotFoundException refused)
        {
            // What a file system without folders of ours says, /proc for one.
            throw new DirectoryNotFoundException($"the folder {folder} cannot be made", refused);
        }
    }

    /// <returns>The written file, still open: its lock tells a living process's file from a leftover until it has its name, and lets readers read it then.</returns>
    private static async Task<FileStream> WriteAsync(string path, ObjectContent content, CancellationToken cancellationToken)
    {
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0, UnixCreateMode = OwnFile.Readable });
        try
        {
            await using var source = content.OpenRead();
            await source.CopyToAsync(file, CopyBufferBytes, cancellationToken);
            using var wait = Headway.WaitFor($"the disk behind {Path.GetDirectoryName(path)}", FlushLimit(content.Bytes));
            file.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    // Nothing ends it. A disk that takes less than a megabyte a second is as good as none.
    private static TimeSpan FlushLimit(long bytes) => TimeSpan.FromMinutes(2) + TimeSpan.FromSeconds((double)bytes / 1_000_000);

    private static void ProveLength(string path, string name, ObjectContent content)
    {
        var stored = new FileInfo(path).Length;
        if (stored != content.Bytes)
        {
            throw new FeedException($"{name} has {Counted.Of(stored, "byte")} on disk, but {Counted.Of(content.Bytes, "was", "were")} written. Check the disk; the attempt is made again");
        }
    }

    private async Task<T> GuardAsync<T>(string what, string which, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException || (refused is IOException && IsPermanent(refused)))
        {
            throw new FeedRejectedException($"{which} cannot be {what} ({refused.Message}). {options.Setting(nameof(options.Path))} is '{options.Path}': give the service's user write access, or name another folder", refused);
        }
        catch (IOException failed)
        {
            throw new FeedException($"{which} cannot be {what} ({failed.Message}). Check the disk behind {options.Setting(nameof(options.Path))} '{options.Path}': free space, mount, health", failed);
        }
    }

    // Rights; a file where a folder should be; a read-only file system; a name too long.
    private static bool IsPermanent(Exception refused) =>
        refused is DirectoryNotFoundException or PathTooLongException || (refused.HResult & 0xFFFF) is 1 or 13 or 17 or 20 or 30;
}

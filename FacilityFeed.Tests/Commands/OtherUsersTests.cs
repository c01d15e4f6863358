using FacilityFeed.Tests.Embedded;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>What the program leaves to other users of the machine, whatever the umask is that it was started with.</summary>
public sealed class OtherUsersTests
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Writable = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private Installation _installation = null!;

    [SetUp]
    public void Prepare()
    {
        _ = TestServers.Postgres;
        _installation = Installation.Bare();
    }

    [TearDown]
    public async Task CleanAsync()
    {
        SharedHome.Remove(_installation.Folder.File("data"));
        await _installation.DisposeAsync();
    }

    [Test]
    public async Task Publish_LeavesNothingThatOthersMayWrite([Values("000", "022", "077")] string umask, [Values] bool asRoot)
    {
        var result = await PublishAsync(umask, asRoot);

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        var data = _installation.Folder.File("data");
        foreach (var path in Directory.EnumerateFileSystemEntries(data, "*", SearchOption.AllDirectories).Append(data))
        {
            Assert.That(File.GetUnixFileMode(path) & Writable, Is.EqualTo(UnixFileMode.None), path);
        }

        foreach (var folder in new[] { "keys", "spool" })
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(data, folder)), Is.EqualTo(Private), folder);
        }

        const UnixFileMode Readable = UnixFileMode.OtherRead;
        var feed = Directory.GetFiles(_installation.StorePath)[0];
        Assert.That(File.GetUnixFileMode(feed).HasFlag(Readable), Is.EqualTo(umask != "077"), "a feed may be read unless the umask forbids it");
    }

    [Test]
    public async Task Publish_ClosesWhatAnOlderVersionLeftOpen()
    {
        await PublishAsync("022", asRoot: true);
        var data = _installation.Folder.File("data");
        const UnixFileMode Open = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        foreach (var folder in new[] { ".", "keys", "spool", "feeds" })
        {
            File.SetUnixFileMode(Path.Combine(data, folder), Open | Writable);
        }

        File.SetUnixFileMode(Path.Combine(data, "postgres"), Open);
        await PublishAsync("022", asRoot: true);

        Assert.That(new[] { ".", "feeds" }.Select(folder => File.GetUnixFileMode(Path.Combine(data, folder))), Has.All.EqualTo(Open));
        Assert.That(new[] { "keys", "spool" }.Select(folder => File.GetUnixFileMode(Path.Combine(data, folder))), Has.All.EqualTo(Private));
        Assert.That(File.GetUnixFileMode(Path.Combine(data, "postgres")) & ~UnixFileMode.GroupExecute, Is.EqualTo(Private));
    }

    [TestCase(UnixFileMode.GroupWrite, UnixFileMode.None)]
    [TestCase(UnixFileMode.GroupWrite | UnixFileMode.OtherWrite, UnixFileMode.None)]
    [TestCase(UnixFileMode.GroupWrite | UnixFileMode.SetGroup, UnixFileMode.GroupWrite | UnixFileMode.SetGroup)]
    [TestCase(Writable | UnixFileMode.SetGroup, UnixFileMode.GroupWrite | UnixFileMode.SetGroup)]
    [TestCase(Writable | UnixFileMode.StickyBit, Writable | UnixFileMode.StickyBit)]
    public async Task Publish_LeavesTheFeedsToAGroupThatWasChosen_AndSaysOnceWhatItTakes(UnixFileMode more, UnixFileMode left)
    {
        const UnixFileMode Readable = Private | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        var feeds = _installation.Folder.File("data/feeds");
        Directory.CreateDirectory(feeds);
        File.SetUnixFileMode(feeds, Readable | more);

        var result = await _installation.RunAsync("publish", "facility");
        var again = await _installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(File.GetUnixFileMode(feeds), Is.EqualTo(Readable | left));
        Assert.That(result.ErrorLines, more == left ? Has.None.Contains("others could write") : Has.One.StartsWith($"warning: others could write to {feeds} (mode "));
        Assert.That(again.Output, Does.Not.Contain("warning"));
    }

    [Test]
    public async Task Publish_ClosesTheFoldersOfSingleFeedsToo()
    {
        _installation.Settings["Feeds__facility__Prefix"] = "partners/first";
        var folders = new[] { "data/feeds", "data/feeds/partners", "data/feeds/partners/first" }.Select(folder => _installation.Folder.File(folder)).ToList();
        Directory.CreateDirectory(folders[^1]);
        foreach (var folder in folders)
        {
            File.SetUnixFileMode(folder, Private | Writable);
        }

        var result = await _installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(folders.Select(File.GetUnixFileMode), Has.All.EqualTo(Private));
        Assert.That(folders.Select(folder => result.ErrorLines.Count(line => line.StartsWith($"warning: others could write to {folder} (mode ", StringComparison.Ordinal))), Has.All.EqualTo(1));
    }

    [TestCase("partners")]
    [TestCase("partners/first")]
    public async Task Publish_WritesThroughNoLink_AmongTheFeeds(string link)
    {
        using var elsewhere = new TempFolder();
        Directory.CreateDirectory(Path.Combine(elsewhere.Path, "first"));
        _installation.Settings["Feeds__facility__Prefix"] = "partners/first";
        var planted = _installation.Folder.File($"data/feeds/{link}");
        Directory.CreateDirectory(Path.GetDirectoryName(planted)!);
        Directory.CreateSymbolicLink(planted, elsewhere.Path);

        var result = await _installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Not.Zero);
        Assert.That(result.Errors, Does.Contain($"{planted} is a link"));
        Assert.That(Directory.EnumerateFiles(elsewhere.Path, "*", SearchOption.AllDirectories), Is.Empty);
    }

    [Test]
    public async Task Doctor_SaysWhatItTakes()
    {
        var data = _installation.Folder.File("data");
        Directory.CreateDirectory(data);
        File.SetUnixFileMode(data, Private | Writable);

        var result = await _installation.RunAsync("doctor");

        Assert.That(result.Output, Does.Contain($"warning  settings: others could write to {data} (mode 0722), and cannot any more (mode 0700)"));
    }

    [TestCase("keys")]
    [TestCase("spool")]
    public async Task Publish_RefusesALink_InPlaceOfAFolder(string name)
    {
        using var elsewhere = new TempFolder();
        Directory.CreateDirectory(_installation.Folder.File("data"));
        Directory.CreateSymbolicLink(_installation.Folder.File($"data/{name}"), elsewhere.Path);

        var result = await _installation.RunAsync("publish", "facility");

        Assert.That(result.Errors, Does.Contain($"{_installation.Folder.File($"data/{name}")} is a link"));
        Assert.That(Directory.EnumerateFileSystemEntries(elsewhere.Path), Is.Empty);
    }

    [Test]
    public async Task ChildProcesses_GetNoSecretInTheirEnvironment()
    {
        await using var source = await TestDatabase.CreateAsync(Facilities.Table());
        var options = source.SourceOptions;
        foreach (var (name, value) in new[] { ("AWS_SECRET_ACCESS_KEY", "a-secret-key"), ("TMPDIR", Path.GetTempPath()), ("DB_HOST", options.Host), ("DB_PORT", $"{options.Port}"), ("DB_NAME", options.Database), ("DB_USER", options.User), ("DB_PASSWORD", options.Password!) })
        {
            _installation.Settings[name] = value;
        }

        var (service, http) = await _installation.ServeAsync();
        await using (service)
        using (http)
        {
            var postmaster = File.ReadAllLines(_installation.Folder.File("data/postgres/cluster/postmaster.pid"))[0];
            var children = (await File.ReadAllTextAsync($"/proc/{postmaster}/task/{postmaster}/children")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(children, Is.Not.Empty);
            // A worker may have ended since.
            foreach (var process in children.Prepend(postmaster).Where(process => File.Exists($"/proc/{process}/environ")))
            {
                var names = (await File.ReadAllTextAsync($"/proc/{process}/environ")).Split('\0').Select(entry => entry.Split('=')[0]).ToList();
                // The last ones are pg_ctl's, PostgreSQL's and the shell's between them.
                Assert.That(await File.ReadAllTextAsync($"/proc/{process}/cmdline"), Does.Not.Contain(options.Password!).And.Not.Contain("a-secret-key"), "what everybody can read");
                Assert.That(names.Where(name => name.Length > 0), Is.SubsetOf(new[] { "PATH", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "PGDATA", "PG_GRANDPARENT_PID", "PGSYSCONFDIR", "PGLOCALEDIR", "PWD", "OLDPWD", "SHLVL", "_" }), $"process {process}");
            }

            await service.TermAsync();
        }
    }

    /// <summary>With the tests not run by root, root's part is done as who they are run by.</summary>
    private async Task<ProgramResult> PublishAsync(string umask, bool asRoot)
    {
        var asOther = asRoot || !Environment.IsPrivilegedProcess ? "" : $"chown -R {OtherUser.Id} . && exec setpriv --reuid={OtherUser.Id} --regid={OtherUser.Id} --clear-groups ";
        var command = $"umask {umask} && {asOther}./run publish facility";
        await using var run = _installation.StartShell(command);
        return await run.EndAsync();
    }
}

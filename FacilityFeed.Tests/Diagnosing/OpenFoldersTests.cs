using FacilityFeed.Infrastructure.Files;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Diagnosing;

/// <summary>What is said of folders that others of the machine may write to, where these are not ours to close.</summary>
public sealed class OpenFoldersTests
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolders()
    {
        _folder = new TempFolder();
        Directory.CreateDirectory(_folder.File("srv/feeds"));
        // Whatever the umask of the tests is.
        foreach (var folder in new[] { ".", "srv", "srv/feeds" })
        {
            File.SetUnixFileMode(_folder.File(folder), Readable);
        }
    }

    [TearDown]
    public void RemoveFolders() => _folder.Dispose();

    [TestCase("srv/feeds")]
    [TestCase("srv")]
    public void AFolderThatAllMayWriteTo_IsTold_WhereverItIsOnTheWay(string open)
    {
        Open(open, UnixFileMode.OtherWrite);

        var told = OpenFolders.Describe(_folder.File("srv/feeds/not there yet"));

        Assert.That(told, Is.EqualTo(new[] { $"every user of this machine may write to {_folder.File(open)} (mode 0757), and so put something else in the place of what is in it: chmod o-w {_folder.File(open)}" }));
    }

    [Test]
    public void WhatIsClosed_OrSticky_IsNotTold()
    {
        Open("srv", UnixFileMode.OtherWrite | UnixFileMode.GroupWrite | UnixFileMode.StickyBit);

        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Is.Empty);
    }

    [Test]
    public async Task AFolderThatAnotherUserOwns_IsTold_AlsoWithTheStickyBit()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            // Nobody else can give a folder away; that root's are not told of is what the other tests see, all the way up.
            Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Is.Empty);
            return;
        }

        await Tool.RunAsync("chown", OtherUser.Id, _folder.File("srv"));
        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Has.One.Contains($"{_folder.File("srv")} belongs to the user ").And.One.Contains("chown root "));

        Open("srv", UnixFileMode.StickyBit);
        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Has.One.Items);
    }

    [Test]
    public void AFolderBehindALink_IsTold()
    {
        Open("srv", UnixFileMode.OtherWrite);
        File.CreateSymbolicLink(_folder.File("first"), "second");
        File.CreateSymbolicLink(_folder.File("second"), _folder.File("srv/feeds"));
        File.CreateSymbolicLink(_folder.File("srv/feeds/round"), _folder.File("srv/feeds/round"));

        Assert.That(OpenFolders.Describe(_folder.File("first")), Has.One.Contains($"{_folder.File("srv")} (mode 0757)"));
        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds/round/on")), Has.One.Items);
    }

    [Test]
    public async Task AGroupWithOtherMembers_IsTold_UnlessTheSetgidBitSaysThatItIsMeant()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await Tool.RunAsync("chgrp", OtherUser.Id, _folder.File("srv/feeds"));
        }

        Open("srv/feeds", UnixFileMode.GroupWrite);
        // Whoever is not root can only give a folder to groups of its own.
        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Environment.IsPrivilegedProcess
            ? Has.One.StartsWith("the group ").And.One.Contains("(mode 0775)").And.One.Contains($"chmod g-w {_folder.File("srv/feeds")}; or, if that is meant, chmod g+s")
            : Has.None.StartsWith("every "));

        Open("srv/feeds", UnixFileMode.GroupWrite | UnixFileMode.SetGroup);
        Assert.That(OpenFolders.Describe(_folder.File("srv/feeds")), Is.Empty);
    }

    [Test]
    public async Task Doctor_WarnsOfFeedsOutsideDataDir_AndOfDataDirItself_OncePerFolder()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        installation.Settings["LOCAL_STORAGE_PATH"] = _folder.File("srv/feeds");
        installation.Settings["DATA_DIR"] = _folder.File("data");
        Open("srv/feeds", UnixFileMode.OtherWrite);
        Open(".", UnixFileMode.OtherWrite);

        var result = await installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.Zero);
        Assert.That(result.Output.Split('\n').Where(line => line.StartsWith("warning ", StringComparison.Ordinal)), Is.EqualTo(new[]
        {
            $"warning  state database: every user of this machine may write to {_folder.Path} (mode 0757), and so put something else in the place of what is in it: chmod o-w {_folder.Path}",
            $"warning  store of feed facility: every user of this machine may write to {_folder.File("srv/feeds")} (mode 0757), and so put something else in the place of what is in it: chmod o-w {_folder.File("srv/feeds")}",
        }));
        Assert.That(File.GetUnixFileMode(_folder.File("srv/feeds")), Is.EqualTo(Readable | UnixFileMode.OtherWrite), "it is left as it was");
    }

    private void Open(string folder, UnixFileMode more) => File.SetUnixFileMode(_folder.File(folder).TrimEnd('.').TrimEnd('/'), Readable | more);
}

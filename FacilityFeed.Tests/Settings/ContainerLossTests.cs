using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Tests.Settings;

public sealed class ContainerLossTests
{
    private const string Named = "facilityfeed";
    private const string Anonymous = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";
    private const string State = "the history of runs, the retries of unfinished ones and the order of generations (/data/state)";
    private const string Feeds = "the feeds themselves (/data/feeds)";

    private static readonly (string, string)[] _image = [("DATA_DIR", "/data/state"), ("LOCAL_STORAGE_PATH", "/data/feeds")];

    [Test]
    public void Describe_NamesAllThatIsLostAndTheRemedy_WhenThereIsNoVolume() => Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts()), Is.EqualTo(
        $"when this container is removed, so are {State}, and {Feeds}: keep them in a named volume (-v facilityfeed:/data), or set STATE_DB for the state"));

    [TestCase("/var/lib/docker/volumes/" + Anonymous + "/_data", "/data", TestName = "an anonymous volume")]
    [TestCase("/docker/volumes/" + Anonymous + "/_data", "/data", TestName = "an anonymous volume on a disk of its own")]
    [TestCase("/var/lib/docker/volumes/" + Named + "/_data", "/database", TestName = "a volume on another folder")]
    [TestCase("/var/lib/docker/volumes/" + Named + "/_data", "/data/other", TestName = "a volume below the folder")]
    public void Describe_Warns_WhenTheMountKeepsNothing(string root, string point) =>
        Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts((root, point, "ext4"))), Does.Contain(State).And.Contain(Feeds));

    [TestCase("/var/lib/docker/volumes/" + Named + "/_data", "/data", TestName = "a named volume")]
    [TestCase("/docker/volumes/" + Named + "/_data", "/data", TestName = "a named volume on a disk of its own")]
    [TestCase("/home/me/out", "/data", TestName = "a folder of the host")]
    [TestCase("/", "/data", TestName = "a disk")]
    public void Describe_IsSilent_WhenTheMountStays(string root, string point) =>
        Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts((root, point, "ext4"))), Is.Null);

    [Test]
    public void Describe_Warns_WhenTheFolderIsInMemory() =>
        Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts(("/", "/data", "tmpfs"))), Does.Contain(State));

    [Test]
    public void Describe_GoesByTheMountNearestToTheFolder() =>
        Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts(("/home/me/feeds", "/data/feeds", "ext4"), ($"/var/lib/docker/volumes/{Anonymous}/_data", "/data", "ext4"))), Does.Contain(State).And.Not.Contain("feeds themselves"));

    [Test]
    public void Describe_GoesByTheLaterMount_WhenTwoAreOnOneFolder() =>
        Assert.That(ContainerLoss.Describe(Configured.With(_image), Mounts(($"/var/lib/docker/volumes/{Anonymous}/_data", "/data", "ext4"), ("/home/me", "/data", "ext4"))), Is.Null);

    [Test]
    public void Describe_SpeaksOfTheFeedsOnly_WhenTheStateIsElsewhere() =>
        Assert.That(ContainerLoss.Describe(Configured.With([.. _image, ("STATE_DB", "Host=db;Database=state"), ("DB_NAME", "shop"), ("DB_USER", "feed")]), Mounts()), Is.EqualTo(
            $"when this container is removed, so are {Feeds}: keep them in a named volume (-v facilityfeed:/data)"));

    [Test]
    public void Describe_ReadsAPathWithASpace() =>
        Assert.That(ContainerLoss.Describe(Configured.With(("DATA_DIR", "/my data/state"), ("LOCAL_STORAGE_PATH", "/my data/feeds")), Mounts(("/home/me", @"/my\040data", "ext4"))), Is.Null);

    /// <summary>As Docker's containers have it: an overlay as root, tmpfs here and there, files of the host, then what is given.</summary>
    private static string Mounts(params (string Root, string Point, string FileSystem)[] more) => string.Join('\n', (string[])
    [
        "1061 964 0:112 / / rw,relatime master:417 - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:/var/lib/docker/overlay2/l/B,upperdir=/var/lib/docker/overlay2/c/diff,workdir=/var/lib/docker/overlay2/c/work",
        "1062 1061 0:115 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
        "1063 1061 0:116 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
        .. more.Select(mount => $"1070 1061 254:1 {mount.Root} {mount.Point} rw,relatime master:1 - {mount.FileSystem} /dev/vda1 rw,discard"),
        "1071 1061 254:1 /var/lib/docker/containers/c/hosts /etc/hosts rw,relatime - ext4 /dev/vda1 rw,discard",
        "",
    ]);
}

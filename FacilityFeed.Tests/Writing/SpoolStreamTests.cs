using System.Security.Cryptography;
using FacilityFeed.Domain.Exporting;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Writing;

public sealed class SpoolStreamTests
{
    private const int Bound = 1000;

    private TempFolder _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = new TempFolder();

    [TearDown]
    public void RemoveFolder() => _folder.Dispose();

    [TestCase(0, false)]
    [TestCase(1, false)]
    [TestCase(Bound, false)]
    [TestCase(Bound + 1, true)]
    [TestCase(50 * Bound + 7, true)]
    public void ToContent_TellsLengthAndHash_OnEitherSideOfTheBound(int length, bool isOnDisk)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        using var spool = Filled(bytes, pieces: 100);

        var content = spool.ToContent();

        Assert.That(spool.IsOnDisk, Is.EqualTo(isOnDisk));
        Assert.That(content.Bytes, Is.EqualTo(length));
        Assert.That(spool.Length, Is.EqualTo(length));
        Assert.That(content.Sha256, Is.EqualTo(Convert.ToHexStringLower(SHA256.HashData(bytes))));
        Assert.That(ReadAll(content), Is.EqualTo(bytes));
    }

    [TestCase(Bound / 2)]
    [TestCase(Bound * 3)]
    public void OpenRead_BeginsAtTheStart_EachTime(int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        using var spool = Filled(bytes, pieces: 70);
        var content = spool.ToContent();

        using var halfRead = content.OpenRead();
        halfRead.ReadExactly(new byte[length / 2]);

        Assert.That(ReadAll(content), Is.EqualTo(bytes));
        Assert.That(ReadAll(content), Is.EqualTo(bytes));
    }

    [Test]
    public void Write_MovesToDisk_WhenOneWriteIsOverTheBound()
    {
        var bytes = RandomNumberGenerator.GetBytes(Bound * 4);
        using var spool = Filled(bytes, pieces: bytes.Length);

        Assert.That(spool.IsOnDisk, Is.True);
        Assert.That(ReadAll(spool.ToContent()), Is.EqualTo(bytes));
    }

    [Test]
    public async Task EveryWayOfReading_ReadsTheSame_AndIsNoticed()
    {
        var bytes = RandomNumberGenerator.GetBytes(Bound * 4);
        var headway = new Headway();
        headway.Follow();
        using var spool = new SpoolStream(_folder.Path, Bound);
        spool.Write(bytes);

        foreach (var read in new Func<Stream, byte[], Task<int>>[]
        {
            (stream, buffer) => Task.FromResult(stream.Read(buffer, 0, buffer.Length)),
            (stream, buffer) => Task.FromResult(stream.Read(buffer.AsSpan())),
            (stream, buffer) => stream.ReadAsync(buffer, 0, buffer.Length),
            (stream, buffer) => stream.ReadAsync(buffer.AsMemory()).AsTask(),
        })
        {
            using var stream = spool.ToContent().OpenRead();
            var (buffer, seen) = (new byte[bytes.Length], headway.Moves);
            Assert.That((await read(stream, buffer), buffer.SequenceEqual(bytes), headway.Moves), Is.EqualTo((bytes.Length, true, seen + 1)));
            stream.Position = 5;
            Assert.That((stream.ReadByte(), stream.Length), Is.EqualTo((bytes[5], (long)bytes.Length)));
        }
    }

    [Test]
    public void ToContent_TellsWhatWasWrittenUntilThen_WhenMoreIsWrittenLater()
    {
        using var spool = new SpoolStream(_folder.Path, memoryBytes: Bound);
        spool.Write([1, 2, 3]);
        var early = spool.ToContent();
        spool.Write([4]);

        var late = spool.ToContent();

        Assert.That(early.Sha256, Is.EqualTo(ObjectContent.Of([1, 2, 3]).Sha256));
        Assert.That(late.Sha256, Is.EqualTo(ObjectContent.Of([1, 2, 3, 4]).Sha256));
    }

    [Test]
    public void Dispose_RemovesTheTemporaryFile()
    {
        using (var spool = Filled(new byte[Bound * 2], pieces: 100))
        {
            Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1));
        }

        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public void Dispose_RemovesTheTemporaryFile_WhenAReaderIsStillOpen()
    {
        var spool = Filled(new byte[Bound * 2], pieces: 100);
        using var reader = spool.ToContent().OpenRead();

        spool.Dispose();

        Assert.That(Directory.GetFileSystemEntries(_folder.Path), Is.Empty);
    }

    [Test]
    public void Write_MakesTheFolder_OnlyWhenItIsNeeded()
    {
        var folder = _folder.File("deep/spool");
        using var spool = new SpoolStream(folder, memoryBytes: Bound);

        spool.Write(new byte[Bound]);
        Assert.That(folder, Does.Not.Exist);

        spool.Write([1]);
        Assert.That(folder, Does.Exist);
    }

    [Test]
    public void Write_MakesFolderAndFile_ForThisUserAlone()
    {
        var folder = _folder.File("spool");
        using var spool = new SpoolStream(folder, memoryBytes: Bound);

        spool.Write(new byte[Bound + 1]);

        Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
        Assert.That(File.GetUnixFileMode(Directory.GetFiles(folder)[0]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Write_KeepsSpoolsApart_WhenTheyShareAFolder()
    {
        using var first = Filled([.. Enumerable.Repeat((byte)1, Bound * 2)], pieces: 100);
        using var second = Filled([.. Enumerable.Repeat((byte)2, Bound * 2)], pieces: 100);

        Assert.That(ReadAll(first.ToContent()), Is.All.EqualTo((byte)1));
        Assert.That(ReadAll(second.ToContent()), Is.All.EqualTo((byte)2));
    }

    private SpoolStream Filled(byte[] bytes, int pieces)
    {
        var spool = new SpoolStream(_folder.Path, memoryBytes: Bound);
        foreach (var piece in bytes.Chunk(pieces))
        {
            spool.Write(piece, 0, piece.Length);
        }

        return spool;
    }

    private static byte[] ReadAll(ObjectContent content)
    {
        using var stream = content.OpenRead();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}

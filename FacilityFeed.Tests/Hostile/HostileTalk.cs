using System.Buffers.Binary;

namespace FacilityFeed.Tests.Hostile;

/// <summary>One connection of a <see cref="HostileServer"/>.</summary>
public sealed class HostileTalk(HostileServer server, Stream stream, CancellationToken stop)
{
    /// <summary>Cancelled when the test is over.</summary>
    public CancellationToken Stop => stop;

    /// <summary>Closes the connection in a moment, unless the script ends before.</summary>
    public void CloseSoon() => _ = Task.Delay(TimeSpan.FromMilliseconds(100), stop).ContinueWith(_ => stream.Dispose(), TaskScheduler.Default);

    public async Task SayAsync(params byte[] bytes) => await stream.WriteAsync(bytes, stop);

    public async Task SayAsync(IEnumerable<byte[]> messages) => await SayAsync([.. messages.SelectMany(message => message)]);

    /// <summary>The same bytes again and again, as fast as they are taken.</summary>
    public async Task SayForEverAsync(byte[] bytes)
    {
        while (true)
        {
            await stream.WriteAsync(bytes, stop);
        }
    }

    /// <summary>One byte, and a pause, and so on for ever: an answer that never comes to its end.</summary>
    public async Task TrickleAsync(byte[] bytes, TimeSpan pause)
    {
        using var timer = new PeriodicTimer(pause);
        for (var at = 0; ; at = (at + 1) % bytes.Length)
        {
            await stream.WriteAsync(bytes.AsMemory(at, 1), stop);
            await timer.WaitForNextTickAsync(stop);
        }
    }

    /// <summary>Says nothing more, and keeps the connection until the client goes.</summary>
    public async Task StaySilentAsync()
    {
        var bytes = new byte[4096];
        while (await stream.ReadAsync(bytes, stop) > 0)
        {
        }
    }

    /// <summary>Whatever the client sends next; empty when it is gone.</summary>
    public async Task<byte[]> HearAsync()
    {
        var bytes = new byte[64 * 1024];
        var count = await stream.ReadAsync(bytes, stop);
        server.Keep(bytes.AsSpan(0, count));
        return bytes[..count];
    }

    /// <exception cref="EndOfStreamException">The client is gone.</exception>
    public async Task<byte[]> HearAsync(int count)
    {
        var bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stop);
        server.Keep(bytes);
        return bytes;
    }

    /// <summary>Big-endian, the client's next four bytes.</summary>
    public async Task<int> HearInt32Async() => BinaryPrimitives.ReadInt32BigEndian(await HearAsync(4));
}

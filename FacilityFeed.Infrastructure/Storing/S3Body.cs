using System.Diagnostics;
using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Reads the body of an answer: no more than was asked for, and no longer than it deserves.</summary>
internal static class S3Body
{
    /// <summary>Copies all of a body.</summary>
    /// <param name="source">The body.</param>
    /// <param name="target">Where it goes.</param>
    /// <param name="most">Most bytes that are taken.</param>
    /// <param name="patience">Longest silence; also how long the body may be behind <see cref="S3Limits.LeastBytesPerSecond"/>.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>How many bytes came.</returns>
    /// <exception cref="S3AnswerException">It is longer than <paramref name="most"/>, or came too slowly.</exception>
    public static async Task<long> CopyAsync(Stream source, Stream target, long most, TimeSpan patience, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var (bytes, waited) = (0L, TimeSpan.Zero);
        while (true)
        {
            // What a body has brought buys it time, so the whole of it takes at most the patience and its length at the least rate.
            var deserved = patience + TimeSpan.FromSeconds((double)bytes / S3Limits.LeastBytesPerSecond) - waited;
            var begin = Stopwatch.GetTimestamp();
            var read = await ReadAsync(source, buffer, deserved < patience ? deserved : patience, bytes, cancellationToken);
            waited += Stopwatch.GetElapsedTime(begin);
            if (read == 0)
            {
                return bytes;
            }

            bytes += read;
            if (bytes > most)
            {
                throw new S3AnswerException(S3Fault.Strange, $"an answer of more than {most:N0} bytes");
            }

            // Not counted as waiting: the disk here may be slow.
            await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    private static async Task<int> ReadAsync(Stream source, byte[] buffer, TimeSpan longest, long bytes, CancellationToken cancellationToken)
    {
        if (longest <= TimeSpan.Zero)
        {
            throw TooSlow(bytes);
        }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(longest);
        using var wait = Headway.WaitFor("more bytes of the store", longest);
        try
        {
            // The streams of the SDK need not heed the token; the buffer is nobody else's, so a read that is left may end when it likes.
            return await source.ReadAsync(buffer, time.Token).AsTask().WaitAsync(time.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw TooSlow(bytes);
        }
    }

    private static S3AnswerException TooSlow(long bytes) => new(S3Fault.Slow, $"the answer stopped or trickled after {bytes:N0} bytes");
}

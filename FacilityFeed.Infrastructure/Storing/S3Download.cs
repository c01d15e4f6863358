using Amazon.S3.Model;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Brings an object here, in memory or a temporary file, so that it can be read twice and its end looked at.</summary>
internal static class S3Download
{
    /// <param name="response">The answer, whose length is known.</param>
    /// <param name="address">For messages.</param>
    /// <param name="most">Most bytes that it may have.</param>
    /// <param name="spoolFolder">Where the temporary file goes.</param>
    /// <param name="patience">As for <see cref="S3Body"/>.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ObjectTooLongException">It is longer than <paramref name="most"/>; nothing of it was read.</exception>
    /// <exception cref="FeedException">It ended early.</exception>
    public static async Task<Stream> SpoolAsync(GetObjectResponse response, string address, long most, string spoolFolder, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (response.ContentLength > most)
        {
            throw new ObjectTooLongException(address, response.ContentLength, most);
        }

        var spool = new SpoolStream(spoolFolder);
        try
        {
            var bytes = await S3Body.CopyAsync(response.ResponseStream, spool, response.ContentLength, patience, cancellationToken);
            return bytes == response.ContentLength
                ? new Spooled(spool)
                : throw new FeedException($"{address} ended after {bytes:N0} of {Counted.Of(response.ContentLength, "byte")}. Try again");
        }
        catch
        {
            await spool.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the spool, and lets go of it when done.</summary>
    private sealed class Spooled(SpoolStream spool) : Stream
    {
        private readonly Stream _content = spool.ToContent().OpenRead();

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => _content.Length;
        public override long Position { get => _content.Position; set => _content.Position = value; }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => _content.Read(buffer, offset, count);
        public override int Read(Span<byte> buffer) => _content.Read(buffer);
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => _content.ReadAsync(buffer, cancellationToken);
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => _content.ReadAsync(buffer, offset, count, cancellationToken);
        public override long Seek(long offset, SeekOrigin origin) => _content.Seek(offset, origin);
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _content.Dispose();
                spool.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

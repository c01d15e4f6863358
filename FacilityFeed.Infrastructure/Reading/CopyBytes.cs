using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// The bytes of one COPY. Ended before they are, its connection breaks: the driver would read all that the server still sends, which is for ever
/// where a server never stops.
/// </summary>
/// <param name="copy">The driver's stream.</param>
/// <param name="endLimit">How long its end may take.</param>
/// <param name="hangUp">Breaks the connection.</param>
internal sealed class CopyBytes(NpgsqlRawCopyStream copy, TimeSpan endLimit, Action hangUp) : IAsyncDisposable
{
    private bool _isOver;

    /// <summary>
    /// What has come already, and of the rest the first that has to be waited for. The driver gives one row at a time, and what surrounds a read
    /// costs more than a row; a row that is there waits for the next one at most.
    /// </summary>
    /// <returns>How many bytes; 0 at their end.</returns>
    /// <exception cref="UnreadableAnswerException">The count cannot be.</exception>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var filled = 0;
        var goesOn = true;
        while (goesOn && filled < buffer.Length)
        {
            var room = buffer[filled..];
            var reading = copy.ReadAsync(room, cancellationToken);
            var hasCome = reading.IsCompleted;
            var count = await reading;
            if (count < 0 || count > room.Length)
            {
                // The driver makes a count of whatever length a message claims.
                throw new UnreadableAnswerException($"a message of the COPY claims a length that cannot be ({count} bytes)");
            }

            _isOver = count == 0;
            filled += count;
            goesOn = hasCome && !_isOver;
        }

        return filled;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await TimeLimit.RunAsync(async _ =>
            {
                try
                {
                    await (_isOver ? Task.CompletedTask : BreakAsync());
                }
                finally
                {
                    await copy.DisposeAsync();
                }
            }, endLimit, CancellationToken.None, hangUp);
        }
        catch (Exception)
        {
            // The rows are read, or nobody wants them any more.
        }
    }

    /// <summary>A read that is cancelled while it waits breaks the connection. The bytes that are there already come first.</summary>
    private async Task BreakAsync()
    {
        var rest = new byte[16 * 1024];
        int count;
        do
        {
            using var stop = new CancellationTokenSource();
            var reading = copy.ReadAsync(rest, stop.Token);
            await stop.CancelAsync();
            count = await reading;
        }
        while (count > 0);
    }
}

using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Says which row it is that a database failed over. Of a value that cannot be given (a view that divides by zero, bytes that are no text) it
/// does not say so itself: the row is looked for, by reading ever smaller parts, so that a person can find it.
/// </summary>
/// <param name="range">The keys that were asked for.</param>
/// <param name="open">Opens a part of them, in a session of its own.</param>
/// <param name="isOfAValue">Whether a value may be the cause of what the database said.</param>
internal sealed class BadRowSearch(ChunkRange range, Func<ChunkRange, CancellationToken, Task<IChunkRows>> open, Func<Exception, bool> isOfAValue)
{
    // A part of a view may take as long to read as all of it.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits for work on the rows, and names the row that it failed over.</summary>
    public async Task<T> RunAsync<T>(Task<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work;
        }
        catch (FeedException failure) when (IsOfAValue(failure))
        {
            if (await NarrowedAsync(cancellationToken) is not { } part)
            {
                throw;
            }

            var message = NamedRow.Name(failure.Message, part.FirstId, part.LastId);
            throw failure is FeedRejectedException ? new FeedRejectedException(message, failure.InnerException) : new FeedException(message, failure.InnerException);
        }
    }

    private bool IsOfAValue(FeedException failure) => failure.InnerException is { } cause && isOfAValue(cause);

    /// <summary>The smallest part that was found to hold the first row that cannot be read; null when it may be any.</summary>
    private async Task<ChunkRange?> NarrowedAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(_patience);
        ChunkRange? found = null;
        try
        {
            // What fails without a row is not one row's fault: a condition, for one, that is asked of all rows first.
            if (await FailsAsync(range with { FirstId = 1, LastId = 0 }, stop.Token))
            {
                return null;
            }

            var part = range;
            while (part.FirstId < part.LastId)
            {
                var middle = (long)(((Int128)part.FirstId + part.LastId) >> 1);
                var lower = part with { LastId = middle };
                if (await FailsAsync(lower, stop.Token))
                {
                    found = part = lower;
                }
                else
                {
                    part = part with { FirstId = middle + 1 };
                }
            }

            // It may have been mended in the meantime.
            return await FailsAsync(part, stop.Token) ? part : null;
        }
        catch (Exception given) when (given is FeedException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return found;
        }
    }

    private async Task<bool> FailsAsync(ChunkRange part, CancellationToken cancellationToken)
    {
        try
        {
            await using var rows = await open(part, cancellationToken);
            await foreach (var row in rows.ReadAsync(cancellationToken))
            {
            }

            return false;
        }
        catch (FeedException failure) when (IsOfAValue(failure))
        {
            return true;
        }
    }
}

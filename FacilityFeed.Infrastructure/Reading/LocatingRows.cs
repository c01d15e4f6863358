using System.Runtime.CompilerServices;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The rows of one chunk, whose failures name the row.</summary>
/// <param name="rows">The rows.</param>
/// <param name="search">Finds the row of a failure.</param>
/// <param name="tooMany">What is wrong when more rows come than were counted.</param>
internal sealed class LocatingRows(IChunkRows rows, BadRowSearch search, Func<long, FeedException> tooMany) : IChunkRows
{
    public long Count => rows.Count;

    public async IAsyncEnumerable<FacilityRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = rows.Count;
        await using var reading = rows.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = reading.MoveNextAsync();
            // Most rows are in the buffer, and cost nothing here.
            if (!(next.IsCompletedSuccessfully ? next.Result : await search.RunAsync(next.AsTask(), cancellationToken)))
            {
                yield break;
            }

            if (--left < 0)
            {
                // Before the disk is full of them.
                throw tooMany(rows.Count);
            }

            yield return reading.Current;
        }
    }

    public ValueTask DisposeAsync() => rows.DisposeAsync();
}

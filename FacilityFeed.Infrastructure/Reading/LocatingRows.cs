using System.Runtime.CompilerServices;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The rows of one chunk, whose failures name the row.</summary>
internal sealed class LocatingRows(IChunkRows rows, BadRowSearch search) : IChunkRows
{
    public long Count => rows.Count;

    public async IAsyncEnumerable<FacilityRow> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reading = rows.ReadAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var next = reading.MoveNextAsync();
            // Most rows are in the buffer, and cost nothing here.
            if (!(next.IsCompletedSuccessfully ? next.Result : await search.RunAsync(next.AsTask(), cancellationToken)))
            {
                yield break;
            }

            yield return reading.Current;
        }
    }

    public ValueTask DisposeAsync() => rows.DisposeAsync();
}

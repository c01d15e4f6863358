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
        Func<ValueTask<bool>> next = reading.MoveNextAsync;
        while (await search.RunAsync(next, cancellationToken))
        {
            yield return reading.Current;
        }
    }

    public ValueTask DisposeAsync() => rows.DisposeAsync();
}

using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Runs work on a source database and throws what its driver threw as one of our own exceptions.</summary>
/// <param name="sort">Null for an exception that is none of the database's: a cancellation, for one, goes on as it is.</param>
internal sealed class FailureGuard(Func<Exception, FeedException?> sort)
{
    public T Run<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception failure) when (sort(failure) is { } sorted)
        {
            throw sorted;
        }
    }

    /// <inheritdoc cref="Run{T}"/>
    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (sort(failure) is { } sorted)
        {
            throw sorted;
        }
    }
}

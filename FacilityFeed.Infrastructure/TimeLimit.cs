namespace FacilityFeed.Infrastructure;

/// <summary>Work did not end within its limit, though its server may have kept sending.</summary>
/// <param name="limit">How long it was given.</param>
public sealed class OverdueException(TimeSpan limit) : TimeoutException($"no end after {limit.TotalSeconds:0.#} s")
{
    /// <summary>How long it was given.</summary>
    public TimeSpan Limit => limit;
}

/// <summary>
/// An end for work that a server drags out. The drivers' time-outs begin anew with every byte that comes, so one that sends a byte a second, or
/// notices for ever, would be waited for without end.
/// </summary>
public static class TimeLimit
{
    /// <summary>How long work may take to notice that it was told to stop; after that it is left alone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <param name="work">Its token is cancelled at the limit too. A result that comes too late is disposed of.</param>
    /// <param name="limit">In all.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <param name="hangUp">Closes what the work waits for, when being told to stop is not enough; null: there is nothing to close.</param>
    /// <exception cref="OverdueException">It did not end in time.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan limit, CancellationToken cancellationToken, Action? hangUp = null)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // On another thread: what a server sends without a pause is read without one.
        var working = Task.Run(() => work(stop.Token), CancellationToken.None);
        if (await EndsAsync(working, limit, cancellationToken))
        {
            stop.Dispose();
            return await working;
        }

        // Not waited for: a driver that asks its server to stop may hang in that too.
        _ = stop.CancelAsync();
        if (!await EndsAsync(working, Grace, CancellationToken.None) && hangUp is not null)
        {
            hangUp();
            await EndsAsync(working, Grace, CancellationToken.None);
        }

        _ = DropAsync(working, stop);
        cancellationToken.ThrowIfCancellationRequested();
        throw new OverdueException(limit);
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(Func<CancellationToken, Task> work, TimeSpan limit, CancellationToken cancellationToken, Action? hangUp = null) => RunAsync(async token =>
    {
        await work(token);
        return true;
    }, limit, cancellationToken, hangUp);

    private static async Task<bool> EndsAsync(Task working, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(working, Task.Delay(limit, over.Token));
        await over.CancelAsync();
        return working.IsCompleted;
    }

    private static async Task DropAsync<T>(Task<T> left, CancellationTokenSource stop)
    {
        await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        if (left.IsCompletedSuccessfully && left.Result is IAsyncDisposable late)
        {
            await late.DisposeAsync();
        }
    }
}

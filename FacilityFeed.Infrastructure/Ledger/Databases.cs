using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Embedded;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Infrastructure.Settings;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>The databases of this process: the state (ledger and Hangfire share its one pool) and the source. Stops the embedded server last.</summary>
public sealed class Databases : IAsyncDisposable
{
    private const string EmbeddedState = "facilityfeed";
    private const string EmbeddedSample = "sample";
    private const string IdleLimit = "idle_in_transaction_session_timeout";

    // The driver's own time-out begins anew with every byte that comes.
    private static readonly TimeSpan _openLimit = TimeSpan.FromSeconds(30);

    private Databases(EmbeddedPostgres? embedded, string stateConnectionString, SourceOptions sourceOptions)
    {
        Embedded = embedded;
        StateConnectionString = stateConnectionString;
        State = WritableSessions.Open(stateConnectionString);
        SourceOptions = sourceOptions;
        Source = new SourcePool(sourceOptions);
    }

    /// <summary>The server of our own, where there is one.</summary>
    public EmbeddedPostgres? Embedded { get; }

    /// <summary>The one pool for ledger and Hangfire: a transaction over both stays one transaction only within one pool.</summary>
    public NpgsqlDataSource State { get; }

    /// <summary>A secret.</summary>
    public string StateConnectionString { get; }

    public SourcePool Source { get; }

    public SourceOptions SourceOptions { get; }

    /// <summary>Connects to what is configured; starts the embedded PostgreSQL for what is not. The state database answers when this returns.</summary>
    /// <exception cref="FeedException">The state database did not answer for 30 seconds, or the embedded one did not start.</exception>
    /// <exception cref="FeedRejectedException">Wrong credentials, no such database, or no PostgreSQL programs.</exception>
    public static async Task<Databases> OpenAsync(ServiceSettings settings, Patience patience, CancellationToken cancellationToken)
    {
        StateFailure.StateIsEmbeddedIn(settings.State.ConnectionString is null ? settings.State.DataDirectory : null);
        var embedded = settings.State.ConnectionString is null ? await EmbeddedPostgres.StartAsync(settings.State.DataDirectory, cancellationToken) : null;
        Databases? databases = null;
        try
        {
            databases = new Databases(embedded, Pooled(await StateAsync(settings, embedded, cancellationToken)), await SourceAsync(settings, embedded, cancellationToken));
            await patience.TryAsync(databases.TryStateAsync, cancellationToken);
            return databases;
        }
        catch
        {
            await (databases?.DisposeAsync() ?? embedded?.DisposeAsync() ?? ValueTask.CompletedTask);
            throw;
        }
    }

    /// <summary>Whether a run was ever made with the configured state database, or a service started; nothing is made there.</summary>
    /// <exception cref="FeedException">It did not answer for 30 seconds.</exception>
    /// <exception cref="FeedRejectedException">Wrong credentials, or no such database.</exception>
    public static async Task<bool> IsUsedAsync(ServiceSettings settings, Patience patience, CancellationToken cancellationToken)
    {
        await using var databases = await OpenAsync(settings, patience, cancellationToken);
        return await IsUsedAsync(databases.State, cancellationToken);
    }

    /// <summary>Whether a run was ever made with a state database, or a service started: what <c>doctor</c> only installed is not used.</summary>
    public static async Task<bool> IsUsedAsync(NpgsqlDataSource state, CancellationToken cancellationToken)
    {
        // Runs, what is remembered of feeds, services, and their schedules; none of these tables need be there.
        foreach (var table in new[] { "feed.run", "feed.feed_pause", "feed.pending_trigger", "hangfire.server", "hangfire.set" })
        {
            await using var exists = state.CreateCommand($"SELECT to_regclass('{table}') IS NOT NULL");
            if ((bool)(await exists.ExecuteScalarAsync(cancellationToken))!)
            {
                await using var holds = state.CreateCommand($"SELECT EXISTS (SELECT FROM {table})");
                if ((bool)(await holds.ExecuteScalarAsync(cancellationToken))!)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public async ValueTask DisposeAsync()
    {
        await State.DisposeAsync();
        await Source.DisposeAsync();
        if (Embedded is not null)
        {
            await Embedded.DisposeAsync();
        }
    }

    private static async Task<string> StateAsync(ServiceSettings settings, EmbeddedPostgres? embedded, CancellationToken cancellationToken)
    {
        if (embedded is null)
        {
            return settings.State.ConnectionString!;
        }

        await embedded.EnsureDatabaseAsync(EmbeddedState, script: null, cancellationToken);
        return embedded.ConnectionString(EmbeddedState);
    }

    private static async Task<SourceOptions> SourceAsync(ServiceSettings settings, EmbeddedPostgres? embedded, CancellationToken cancellationToken)
    {
        if (settings.Source is { } configured)
        {
            return configured;
        }

        await embedded!.EnsureDatabaseAsync(EmbeddedSample, await SampleScriptAsync(cancellationToken), cancellationToken);
        var sample = new NpgsqlConnectionStringBuilder(embedded.ConnectionString(EmbeddedSample));
        return new SourceOptions { Host = sample.Host!, Port = sample.Port, Database = EmbeddedSample, User = sample.Username!, Password = sample.Password, Identity = "the sample database", IsScramOnly = true };
    }

    private static async Task<string> SampleScriptAsync(CancellationToken cancellationToken)
    {
        using var script = new StreamReader(typeof(Databases).Assembly.GetManifestResourceStream("db-init.sql")!);
        return await script.ReadToEndAsync(cancellationToken);
    }

    private static string Pooled(string connectionString)
    {
        var given = new NpgsqlConnectionStringBuilder(connectionString);
        return new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "facilityfeed",
            Options = WithIdleLimit(given.Options),
            RequireAuth = ClearText.RequireAuth(given.SslMode, isAllowed: false, given.RequireAuth),
            // For the connections that are made beside the pool, too.
            TargetSessionAttributes = given.TargetSessionAttributes ?? (given.Host!.Contains(',') ? "read-write" : null),
            KeepAlive = 30,
            Timeout = 10,
            Enlist = true,
            // A transaction over ledger and jobs is one only while one physical connection serves both.
            Pooling = true,
            Multiplexing = false,
        }.ConnectionString;
    }

    // A process that is stopped or hangs within a transaction holds the run's row, and everybody else would wait for it for ever.
    // A session option, for the pool resets what is only set.
    private static string WithIdleLimit(string? options) => options is not null && options.Contains(IdleLimit, StringComparison.Ordinal) ? options : $"{options} -c {IdleLimit}=20s".TrimStart();

    private async Task TryStateAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await TimeLimit.RunAsync(async stop => await State.OpenConnectionAsync(stop), _openLimit, cancellationToken);
        }
        catch (Exception failure) when (StateFailure.IsOne(failure))
        {
            LargeBuffers.Forget();
            throw StateFailure.SortAtStart(failure, $"{StateOptions.PlaceOf(StateConnectionString)},");
        }
    }
}

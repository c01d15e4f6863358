using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Facilities in a PostgreSQL table or view. Every read is one read-only, repeatable-read transaction.</summary>
public sealed class PostgresSource(NpgsqlDataSource database, SourceOptions options, string table) : IFacilitySource
{
    /// <summary>The pool of a source database. It never joins an ambient transaction: that one belongs to the ledger.</summary>
    public static NpgsqlDataSource Connect(SourceOptions options) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = options.Host,
        Port = options.Port,
        Database = options.Database,
        Username = options.User,
        Password = options.Password,
        ApplicationName = "facilityfeed",
        Enlist = false,
        Timeout = 10,
        // The server's statement_timeout comes first; this catches a server that has stopped answering altogether.
        CommandTimeout = (int)options.StatementTimeout.TotalSeconds + 30,
        KeepAlive = 30,
    });

    public Task CheckAsync(CancellationToken cancellationToken) => RunAsync($"looking at {table}", async () =>
    {
        await using var session = await PostgresSession.OpenAsync(database, "check", options.StatementTimeout, cancellationToken);
        var described = await PostgresTable.DescribeAsync(session.Connection, table, options, cancellationToken);
        await PostgresChunkRows.TryColumnsAsync(session, described, cancellationToken);
        return true;
    });

    public Task<IKeySnapshot> OpenKeysAsync(CancellationToken cancellationToken) => RunAsync($"planning from {table}", async () =>
    {
        var session = await PostgresSession.OpenAsync(database, "plan", options.StatementTimeout, cancellationToken);
        try
        {
            var described = await PostgresTable.DescribeAsync(session.Connection, table, options, cancellationToken);
            return (IKeySnapshot)await PostgresKeySnapshot.TakeAsync(session, described, table, options, cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    });

    public Task<IChunkRows> OpenChunkAsync(ChunkRange range, string purpose, CancellationToken cancellationToken) => RunAsync($"reading {table} for {purpose}", async () =>
    {
        var session = await PostgresSession.OpenAsync(database, purpose, options.StatementTimeout, cancellationToken);
        try
        {
            var described = await PostgresTable.DescribeAsync(session.Connection, table, options, cancellationToken);
            return (IChunkRows)await PostgresChunkRows.OpenAsync(session, described, range, failure => PostgresFailure.Sort(failure, options, $"reading {table} for {purpose}"), cancellationToken);
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    });

    private async Task<T> RunAsync<T>(string what, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (PostgresFailure.IsOne(failure))
        {
            throw PostgresFailure.Sort(failure, options, what);
        }
    }
}

using System.Data.Common;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Facilities in a PostgreSQL table or view.</summary>
internal sealed class PostgresSource(NpgsqlDataSource database, SourceOptions options, string table) : TableSource<PostgresSession>(options, table, _dialect)
{
    private static readonly SqlDialect _dialect = new(
        Number: expression => $"{expression}::pg_catalog.int8", Text: expression => $"{expression}::pg_catalog.text", Parameter: number => $"${number}",
        // By their full names, for the search path may lead to another's first.
        Function: name => $"pg_catalog.{name}", Operator: name => $"OPERATOR(pg_catalog.{name})");

    public static NpgsqlDataSource Connect(SourceOptions options)
    {
        var builder = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder
        {
            Host = options.Host,
            Port = options.Port,
            Database = options.Database,
            Username = options.User,
            Password = options.Password,
            SslMode = ModeOf(options.Ssl),
            RequireAuth = options.IsScramOnly ? "ScramSHA256" : ClearText.RequireAuth(ModeOf(options.Ssl), options.IsClearTextAllowed, chosen: null),
            ApplicationName = "facilityfeed",
            Enlist = false,
            Timeout = 10,
            CommandTimeout = options.CommandTimeoutSeconds,
            // Told to stop, it asks the server to and does not wait for more: a server that sends without a pause would be read for ever.
            CancellationTimeout = -1,
            KeepAlive = 30,
        }.ConnectionString);
        // Only built-in types are read; to learn of the others the driver would ask by names that the search path may lead elsewhere.
        return builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false)).Build();
    }

    private static SslMode ModeOf(SourceSsl ssl) => ssl switch
    {
        SourceSsl.Required => SslMode.Require,
        SourceSsl.VerifyFull => SslMode.VerifyFull,
        SourceSsl.None => SslMode.Disable,
        _ => SslMode.Prefer,
    };

    protected override Task<PostgresSession> ConnectAsync(string purpose, Action<DbConnection> opening, CancellationToken cancellationToken) =>
        PostgresSession.OpenAsync(database, purpose, Options, opening, cancellationToken);

    protected override Task<SourceTable> DescribeAsync(PostgresSession session, CancellationToken cancellationToken) =>
        PostgresTable.DescribeAsync(session, Table, Refusal, cancellationToken);

    protected override string Columns(SourceTable described) => PostgresChunkRows.Columns(described);

    protected override async Task<IChunkRows> OpenRowsAsync(PostgresSession session, SourceTable described, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken) =>
        await PostgresChunkRows.OpenAsync(session, described, range, guard, cancellationToken);

    protected override FeedException? Sort(Exception failure, string what) => PostgresFailure.IsOne(failure) ? PostgresFailure.Sort(failure, Options, what) : null;

    protected override bool IsOfAValue(Exception failure) => PostgresFailure.IsOfAValue(failure);
}

using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Facilities in a PostgreSQL table or view.</summary>
internal sealed class PostgresSource(NpgsqlDataSource database, SourceOptions options, string table) : TableSource<PostgresSession>(options, table, _dialect)
{
    private static readonly SqlDialect _dialect = new(Number: expression => $"{expression}::bigint", Text: expression => $"{expression}::text", Parameter: number => $"${number}");

    public static NpgsqlDataSource Connect(SourceOptions options) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = options.Host,
        Port = options.Port,
        Database = options.Database,
        Username = options.User,
        Password = options.Password,
        SslMode = options.Ssl switch
        {
            SourceSsl.Required => SslMode.Require,
            SourceSsl.VerifyFull => SslMode.VerifyFull,
            SourceSsl.None => SslMode.Disable,
            _ => SslMode.Prefer,
        },
        ApplicationName = "facilityfeed",
        Enlist = false,
        Timeout = 10,
        CommandTimeout = options.CommandTimeoutSeconds,
        KeepAlive = 30,
    });

    protected override Task<PostgresSession> ConnectAsync(string purpose, CancellationToken cancellationToken) =>
        PostgresSession.OpenAsync(database, purpose, Options.StatementTimeout, cancellationToken);

    protected override Task<SourceTable> DescribeAsync(PostgresSession session, CancellationToken cancellationToken) =>
        PostgresTable.DescribeAsync(session, Table, Refusal, cancellationToken);

    protected override string Columns(SourceTable described) => PostgresChunkRows.Columns(described);

    protected override async Task<IChunkRows> OpenRowsAsync(PostgresSession session, SourceTable described, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken) =>
        await PostgresChunkRows.OpenAsync(session, described, range, guard, cancellationToken);

    protected override FeedException? Sort(Exception failure, string what) => PostgresFailure.IsOne(failure) ? PostgresFailure.Sort(failure, Options, what) : null;

    protected override bool IsOfAValue(Exception failure) => PostgresFailure.IsOfAValue(failure);
}

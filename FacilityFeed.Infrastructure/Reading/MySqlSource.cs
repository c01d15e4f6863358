using System.Data.Common;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Planning;
using FacilityFeed.Domain.Reading;
using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Facilities in a MySQL or MariaDB table or view.</summary>
internal sealed class MySqlSource(MySqlDataSource database, SourceOptions options, string table) : TableSource<MySqlSession>(options, table, _dialect)
{
    private static readonly SqlDialect _dialect = new(Number: expression => expression, Text: expression => $"CAST({expression} AS CHAR)", Parameter: _ => "?", Function: name => name, Operator: name => name);

    public static MySqlDataSource Connect(SourceOptions options) => new(new MySqlConnectionStringBuilder
    {
        Server = options.Host,
        Port = (uint)options.Port,
        Database = options.Database,
        UserID = options.User,
        SslMode = options.Ssl switch
        {
            SourceSsl.Required => MySqlSslMode.Required,
            SourceSsl.VerifyFull => MySqlSslMode.VerifyFull,
            SourceSsl.None => MySqlSslMode.None,
            _ => MySqlSslMode.Preferred,
        },
        ApplicationName = "facilityfeed",
        AutoEnlist = false,
        // A session's time-out and isolation end with it.
        ConnectionReset = true,
        ConnectionTimeout = 10,
        DefaultCommandTimeout = (uint)options.CommandTimeoutSeconds,
        Keepalive = 30,
        CharacterSet = "utf8mb4",
        TreatTinyAsBoolean = false,
        IgnorePrepare = false,
    }.ConnectionString)
    {
        // Not in the connection string, which any connection would show.
        Password = options.Password ?? "",
    };

    protected override Task<MySqlSession> ConnectAsync(string purpose, Action<DbConnection> opening, CancellationToken cancellationToken) =>
        MySqlSession.OpenAsync(database, purpose, Options, opening, cancellationToken);

    protected override Task<SourceTable> DescribeAsync(MySqlSession session, CancellationToken cancellationToken) =>
        MySqlTable.DescribeAsync(session, Table, Refusal, cancellationToken);

    protected override string Columns(SourceTable described) => MySqlChunkRows.Columns(described);

    protected override async Task RefuseKeysAsync(MySqlSession session, SourceTable described, CancellationToken cancellationToken)
    {
        if (described.Columns[0].Type != MySqlTypes.LargestKey)
        {
            return;
        }

        var ids = await session.ListAsync(
            $"SELECT CAST(t.{FacilityColumns.Key} AS CHAR) FROM {described.Sql} t WHERE t.{FacilityColumns.Key} > {long.MaxValue} ORDER BY t.{FacilityColumns.Key} LIMIT {SourceRefusal.Named}", cancellationToken);
        if (ids.Length > 0)
        {
            throw Refusal.KeysTooLarge(ids);
        }
    }

    protected override async Task<IChunkRows> OpenRowsAsync(MySqlSession session, SourceTable described, ChunkRange range, FailureGuard guard, CancellationToken cancellationToken) =>
        await MySqlChunkRows.OpenAsync(session, described, range, Refusal, guard, cancellationToken);

    protected override FeedException? Sort(Exception failure, string what) => MySqlFailure.IsOne(failure) ? MySqlFailure.Sort(failure, Options, what) : null;

    protected override bool IsOfAValue(Exception failure) => MySqlFailure.IsOfAValue(failure);
}

using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One connection in one read-only snapshot, with a statement time-out and a name in the database's list of sessions.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, NpgsqlTransaction transaction, SourceOptions options) : SourceSession(connection, transaction, options)
{
    /// <summary>
    /// A COPY is cancelled by closing its connection, which a server that sorts or sleeps would notice only at its next row.
    /// From version 14 on, on Linux, it can look.
    /// </summary>
    private const string StopWhenWeAreGone = """
        SELECT pg_catalog.set_config('client_connection_check_interval', '2000', true)
        WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 OPERATOR(pg_catalog.>=) 140000
            AND pg_catalog.version() OPERATOR(pg_catalog.~~) '%linux%'
        """;

    private const string NoEncoding = "SQL_ASCII";

    public static async Task<PostgresSession> OpenAsync(NpgsqlDataSource database, string purpose, SourceOptions options, Action<DbConnection> opening, CancellationToken cancellationToken)
    {
        var connection = database.CreateConnection();
        opening(connection);
        try
        {
            await connection.OpenAsync(cancellationToken);
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            // LOCAL: gone with the transaction, so a pooled connection keeps nothing of it.
            var milliseconds = ((long)options.StatementTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            await using var setup = new NpgsqlCommand(
                $"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {milliseconds}; SET LOCAL application_name = 'facilityfeed {purpose}'; {StopWhenWeAreGone}", connection);
            await setup.ExecuteNonQueryAsync(cancellationToken);
            return new PostgresSession(connection, transaction, options);
        }
        catch
        {
            await ConnectionEnd.CloseAsync(connection);
            throw;
        }
    }

    /// <summary>
    /// Asks the catalogue by plain names. The search path is the user's, and may lead to functions and operators of others by those names; so it
    /// leads to the built-in ones meanwhile, and then again to where the functions of a view look.
    /// </summary>
    public async Task<T> InCatalogueAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        var path = await RowAsync("SELECT pg_catalog.current_setting('search_path')", [], row => row.GetString(0), cancellationToken);
        await SearchInAsync("pg_catalog, pg_temp", cancellationToken);
        var answer = await ask();
        await SearchInAsync(path, cancellationToken);
        return answer;
    }

    public async ValueTask<CopyBytes> CopyAsync(string sql, CancellationToken cancellationToken)
    {
        if (connection.PostgresParameters.TryGetValue("server_encoding", out var encoding) && encoding == NoEncoding)
        {
            // Such a server holds bytes of any encoding and cannot make UTF-8 of them: asked for it, it fails the whole statement over one
            // value that is none. As they are, ill-formed text is mended and said, with its row.
            await using var setup = new NpgsqlCommand($"SET LOCAL client_encoding = '{NoEncoding}'", connection);
            await setup.ExecuteNonQueryAsync(cancellationToken);
        }

        return new CopyBytes(await connection.BeginRawBinaryCopyAsync(sql, cancellationToken), EndLimit, HangUp);
    }

    private Task<string> SearchInAsync(string path, CancellationToken cancellationToken) =>
        RowAsync("SELECT pg_catalog.set_config('search_path', $1, true)", [path], row => row.GetString(0), cancellationToken);
}

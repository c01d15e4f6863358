using System.Data;
using System.Globalization;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One connection in one read-only snapshot, with a statement time-out and a name in the database's list of sessions.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, NpgsqlTransaction transaction) : SourceSession(connection, transaction)
{
    /// <summary>
    /// A COPY is cancelled by closing its connection, which a server that sorts or sleeps would notice only at its next row.
    /// From version 14 on, on Linux, it can look.
    /// </summary>
    private const string StopWhenWeAreGone = """
        SELECT set_config('client_connection_check_interval', '2000', true)
        WHERE current_setting('server_version_num')::integer >= 140000 AND version() LIKE '%linux%'
        """;

    private const string NoEncoding = "SQL_ASCII";

    public static async Task<PostgresSession> OpenAsync(NpgsqlDataSource database, string purpose, TimeSpan statementTimeout, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            // LOCAL: gone with the transaction, so a pooled connection keeps nothing of it.
            var milliseconds = ((long)statementTimeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
            await using var setup = new NpgsqlCommand(
                $"SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {milliseconds}; SET LOCAL application_name = 'facilityfeed {purpose}'; {StopWhenWeAreGone}", connection);
            await setup.ExecuteNonQueryAsync(cancellationToken);
            return new PostgresSession(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public async Task<NpgsqlRawCopyStream> CopyAsync(string sql, CancellationToken cancellationToken)
    {
        if (connection.PostgresParameters.TryGetValue("server_encoding", out var encoding) && encoding == NoEncoding)
        {
            // Such a server holds bytes of any encoding and cannot make UTF-8 of them: asked for it, it fails the whole statement over one
            // value that is none. As they are, ill-formed text is mended and said, with its row.
            await using var setup = new NpgsqlCommand($"SET LOCAL client_encoding = '{NoEncoding}'", connection);
            await setup.ExecuteNonQueryAsync(cancellationToken);
        }

        return await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
    }
}

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

    public Task<NpgsqlRawCopyStream> CopyAsync(string sql, CancellationToken cancellationToken) => connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
}

using System.Data;
using System.Data.Common;
using System.Globalization;
using FacilityFeed.Domain;
using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One connection in one read-only snapshot, with a statement time-out; every statement says who sent it.</summary>
internal sealed class MySqlSession(MySqlConnection connection, MySqlTransaction transaction, string purpose, SourceOptions options) : SourceSession(connection, transaction, options)
{
    private static readonly Version _firstWithTimeout = new(5, 7, 8);

    public bool IsMariaDb => IsMariaDbVersion(connection.ServerVersion);

    public static async Task<MySqlSession> OpenAsync(MySqlDataSource database, string purpose, SourceOptions options, Action<DbConnection> opening, CancellationToken cancellationToken)
    {
        var connection = database.CreateConnection();
        opening(connection);
        try
        {
            await connection.OpenAsync(cancellationToken);
            if (TimeoutSql(connection.ServerVersion, options.StatementTimeout) is { } timeoutSql)
            {
                // Gone when the pool resets the connection.
                await using var setup = new MySqlCommand(timeoutSql, connection);
                await setup.ExecuteNonQueryAsync(cancellationToken);
            }

            return new MySqlSession(connection, await connection.BeginTransactionAsync(IsolationLevel.Snapshot, isReadOnly: true, cancellationToken), purpose, options);
        }
        catch
        {
            await ConnectionEnd.CloseAsync(connection);
            throw;
        }
    }

    /// <summary>A prepared command: its answer comes in the binary protocol, where a double is not rounded to digits.</summary>
    public async Task<MySqlCommand> PrepareAsync(string sql, CancellationToken cancellationToken)
    {
        var command = new MySqlCommand(Marked(sql), connection, transaction);
        await command.PrepareAsync(cancellationToken);
        return command;
    }

    /// <summary>Ends the reading of rows. Closing reads whatever the server still sends: all the rest of the chunk, unless it is told to stop.</summary>
    public async Task EndAsync(MySqlCommand command, MySqlDataReader reader, bool isOver)
    {
        try
        {
            await TimeLimit.RunAsync(async _ =>
            {
                if (!isOver)
                {
                    command.Cancel();
                }

                await reader.DisposeAsync();
            }, EndLimit, CancellationToken.None, HangUp);
        }
        catch (Exception)
        {
            // The rows are read, or nobody wants them any more.
        }
    }

    /// <summary>What the server did not say aloud about the last statement: a value that it could not give as asked becomes NULL with a warning.</summary>
    /// <returns>Null when there is nothing.</returns>
    public async Task<string?> FirstWarningAsync(CancellationToken cancellationToken)
    {
        await using var command = new MySqlCommand("SHOW WARNINGS LIMIT 1", connection, transaction);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? ForeignText.InOneLine(reader.GetString(2)) : null;
    }

    /// <summary>
    /// The list of processes shows no name that a session may choose, only its statement: so that one says who reads. After the first
    /// word, for MariaDB drops a comment that begins a prepared statement; and without a star nothing in the purpose ends the comment.
    /// </summary>
    protected override string Marked(string sql)
    {
        var afterVerb = sql.IndexOf(' ', StringComparison.Ordinal);
        return $"{sql[..afterVerb]} /* facilityfeed {purpose.Replace("*", "", StringComparison.Ordinal)} */{sql[afterVerb..]}";
    }

    /// <summary>Null for a server that knows no time-out; the command's own is left then.</summary>
    private static string? TimeoutSql(string serverVersion, TimeSpan timeout)
    {
        if (IsMariaDbVersion(serverVersion))
        {
            return string.Create(CultureInfo.InvariantCulture, $"SET SESSION max_statement_time = {timeout.TotalSeconds}");
        }

        return Version.TryParse(serverVersion.Split('-')[0], out var version) && version < _firstWithTimeout
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"SET SESSION max_execution_time = {(long)timeout.TotalMilliseconds}");
    }

    private static bool IsMariaDbVersion(string serverVersion) => serverVersion.Contains("MariaDB", StringComparison.OrdinalIgnoreCase);
}

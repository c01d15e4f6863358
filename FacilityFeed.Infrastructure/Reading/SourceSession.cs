using System.Data.Common;
using System.Globalization;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One connection in one read-only snapshot.</summary>
/// <param name="connection">Closed with the session.</param>
/// <param name="transaction">The snapshot.</param>
internal abstract class SourceSession(DbConnection connection, DbTransaction transaction) : IAsyncDisposable
{
    /// <summary>The first value of the first row; null when there is none.</summary>
    public async Task<long?> NumberAsync(string sql, CancellationToken cancellationToken, params long[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? Convert.ToInt64(value, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The first column of each row, by commas.</summary>
    public async Task<string> ListAsync(string sql, CancellationToken cancellationToken) =>
        string.Join(", ", await RowsAsync(sql, [], row => row.GetString(0), cancellationToken));

    /// <param name="sql">What to ask.</param>
    /// <param name="parameters">Names to ask for, in the order of the statement's parameters.</param>
    /// <param name="read">Makes a value of a row.</param>
    /// <param name="cancellationToken">Stops the asking.</param>
    public async Task<IReadOnlyList<T>> RowsAsync<T>(string sql, IEnumerable<string> parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
        }
        catch (DbException)
        {
            // Nobody was there any more to roll back, which ends the snapshot just as well.
        }

        await connection.DisposeAsync();
    }

    /// <summary>The statement as it is sent.</summary>
    protected virtual string Marked(string sql) => sql;

    private DbCommand Command<T>(string sql, IEnumerable<T> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = Marked(sql);
        command.Transaction = transaction;
        foreach (var value in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }
}

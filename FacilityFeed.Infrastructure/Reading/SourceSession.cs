using System.Data.Common;
using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>One connection in one read-only snapshot.</summary>
/// <param name="connection">Closed with the session.</param>
/// <param name="transaction">The snapshot.</param>
/// <param name="options">Which database it is, and how long it may take for what.</param>
internal abstract class SourceSession(DbConnection connection, DbTransaction transaction, SourceOptions options) : IAsyncDisposable
{
    // More than a table can have columns; longer lists are asked for with a limit.
    private const int MostRows = 10_000;

    protected TimeSpan EndLimit => options.AnswerLimit;

    /// <summary>An end for all the waiting for one chunk's rows.</summary>
    public WaitLimit LimitRows(CancellationToken cancellationToken) => new($"rows of the {options.Where}", options.StatementLimit, HangUp, cancellationToken);

    /// <summary>Breaks the connection, whatever it waits for.</summary>
    public void HangUp() => Reading.HangUp.On(connection);

    /// <summary>The first value of the first row; null when there is none.</summary>
    public async Task<long?> NumberAsync(string sql, CancellationToken cancellationToken, params long[] parameters)
    {
        await using var command = Command(sql, parameters);
        using var wait = WaitForAnswer();
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? NumberOf(value) : null;
    }

    /// <summary>The first column of each row, by commas.</summary>
    public async Task<string> ListAsync(string sql, CancellationToken cancellationToken) =>
        string.Join(", ", await RowsAsync(sql, [], row => ForeignText.InOneLine(row.GetString(0)), cancellationToken));

    /// <summary>The one row that there must be.</summary>
    public async Task<T> RowAsync<T>(string sql, IEnumerable<string> parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken) =>
        await RowsAsync(sql, parameters, read, cancellationToken) is [var row] ? row : throw new UnreadableAnswerException("it is not one row where there is always one");

    /// <param name="sql">What to ask.</param>
    /// <param name="parameters">Names to ask for, in the order of the statement's parameters.</param>
    /// <param name="read">Makes a value of a row.</param>
    /// <param name="cancellationToken">Stops the asking.</param>
    public async Task<IReadOnlyList<T>> RowsAsync<T>(string sql, IEnumerable<string> parameters, Func<DbDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        using var wait = WaitForAnswer();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(rows.Count < MostRows ? ValueOf(reader, read) : throw new UnreadableAnswerException($"it is more than {MostRows} rows"));
        }

        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await TimeLimit.RunAsync(async _ =>
            {
                try
                {
                    await transaction.DisposeAsync();
                }
                finally
                {
                    await ConnectionEnd.CloseAsync(connection);
                }
            }, EndLimit, CancellationToken.None, HangUp);
        }
        catch (Exception)
        {
            // Nobody was there any more to roll back, or what came was no answer: either ends the snapshot just as well.
        }
    }

    /// <summary>The statement as it is sent.</summary>
    protected virtual string Marked(string sql) => sql;

    private IDisposable? WaitForAnswer() => Headway.WaitFor($"an answer of the {options.Where} to one statement", options.StatementLimit);

    // Nothing is done with a value there but taking it, in the way that its column promises.
    private static T ValueOf<T>(DbDataReader row, Func<DbDataReader, T> read)
    {
        try
        {
            return read(row);
        }
        catch (Exception wrong) when (wrong is not (DbException or IOException or OperationCanceledException))
        {
            throw new UnreadableAnswerException($"a value of it is not what its column promises ({wrong.GetType().Name})");
        }
    }

    private static long NumberOf(object value)
    {
        try
        {
            return Convert.ToInt64(value, CultureInfo.InvariantCulture);
        }
        catch (Exception wrong) when (wrong is FormatException or InvalidCastException or OverflowException)
        {
            throw new UnreadableAnswerException("it is no number where there is always one");
        }
    }

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

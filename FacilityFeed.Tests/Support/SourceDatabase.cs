using System.Data.Common;
using FacilityFeed.Infrastructure.Reading;

namespace FacilityFeed.Tests.Support;

/// <summary>An empty database of its own on one of the tests' servers; dropped after the test.</summary>
public abstract class SourceDatabase(SourceOptions sourceOptions, DbDataSource connect) : IAsyncDisposable
{
    public string Name => SourceOptions.Database;

    /// <summary>This database as a source of facilities.</summary>
    public SourceOptions SourceOptions { get; } = sourceOptions;

    /// <summary>What is asked without the source.</summary>
    public DbDataSource Direct { get; } = connect;

    /// <param name="sql">One statement, or several.</param>
    /// <param name="values">The parameters @p0, @p1 and so on.</param>
    public async Task ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = Direct.CreateCommand(sql);
        for (var number = 0; number < values.Length; number++)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = $"p{number}";
            parameter.Value = values[number] ?? DBNull.Value;
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync();
    }

    public async Task<T> ScalarAsync<T>(string sql)
    {
        await using var command = Direct.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        await Direct.DisposeAsync();
        await DropAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task DropAsync();
}

using Npgsql;

namespace FacilityFeed.Tests.Support;

/// <summary>Holds back every chunk's read of a table from <see cref="Facilities.Gated"/> until it is opened.</summary>
public sealed class ReadGate : IAsyncDisposable
{
    private readonly NpgsqlConnection _holder;

    private ReadGate(NpgsqlConnection holder) => _holder = holder;

    public static async Task<ReadGate> CloseAsync(TestDatabase source)
    {
        var holder = await source.Connect.OpenConnectionAsync();
        await ExecuteAsync(holder, $"SELECT pg_advisory_lock({Facilities.GateLock})");
        return new ReadGate(holder);
    }

    /// <summary>Waits until a chunk's read stands at the gate.</summary>
    public static Task WaitForReaderAsync(TestDatabase source) => Until.TrueAsync(
        async () => await source.ScalarAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'facilityfeed run % chunk %' AND wait_event = 'advisory'") > 0,
        TimeSpan.FromSeconds(60), "a chunk's read");

    public Task OpenAsync() => ExecuteAsync(_holder, $"SELECT pg_advisory_unlock({Facilities.GateLock})");

    public async ValueTask DisposeAsync() => await _holder.DisposeAsync();

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

using System.Collections.Concurrent;
using System.Data.Common;
using System.Globalization;
using MySqlConnector;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>
/// A source table and somebody who inserts, updates and deletes in it all the time. Its first keys are the multiples of 3; those of
/// 45 are deleted one by one, new ones come in between and at the end.
/// </summary>
internal sealed class SourceChurn : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(40);

    private readonly DbDataSource _source;
    private readonly int _rows;
    private readonly CancellationTokenSource _stop = new();
    private readonly Random _random = new(11);
    private readonly ConcurrentDictionary<long, bool> _inserted = new();
    private readonly Task _working;
    private int _changes;

    private SourceChurn(DbDataSource source, int rows)
    {
        _source = source;
        _rows = rows;
        _working = WorkAsync();
    }

    /// <summary>Keys that are there from the beginning to the end.</summary>
    public IReadOnlySet<long> Living => Enumerable.Range(1, _rows).Select(number => number * 3L).Where(key => key % 45 != 0).ToHashSet();

    /// <summary>The database that it is in.</summary>
    public DbDataSource Database => _source;

    /// <summary>How many changes were made.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <param name="rows">Rows at the beginning.</param>
    /// <param name="nameBytes">Random hexadecimal digits in each name.</param>
    public static string Script(int rows, int nameBytes) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE TABLE facility (id bigint PRIMARY KEY, name text, phone text, url text, latitude double precision, longitude double precision,
            country text, locality text, region text, postal_code text, street_address text);
        INSERT INTO facility (id, name, country, locality, postal_code, street_address)
        SELECT i * 3, 'Studio ' || i || (SELECT coalesce(string_agg(md5(i || '-' || n), ''), '') FROM generate_series(1, {nameBytes / 32}) n), 'DE', 'Berlin', '10115', 'Torstraße ' || i FROM generate_series(1, {rows}) i;
        """);

    /// <summary>The same for MariaDB.</summary>
    public static string MariaDbScript(int rows, int nameBytes) => string.Create(CultureInfo.InvariantCulture, $"""
        CREATE TABLE facility (id bigint PRIMARY KEY, name longtext, phone text, url text, latitude double, longitude double,
            country text, locality text, region text, postal_code text, street_address text);
        INSERT INTO facility (id, name, country, locality, postal_code, street_address)
        SELECT seq * 3, concat('Studio ', seq, repeat(md5(seq), {nameBytes / 32})), 'DE', 'Berlin', '10115', concat('Torstraße ', seq) FROM seq_1_to_{rows};
        """);

    public static SourceChurn Begin(DbDataSource source, int rows) => new(source, rows);

    /// <summary>The keys that are there now and will not be deleted: a run that begins later must have them.</summary>
    public IReadOnlySet<long> LivingNow => Living.Union(_inserted.Where(inserted => inserted.Value).Select(inserted => inserted.Key)).ToHashSet();

    /// <summary>Whether a key was ever there, or may have been, its insert's answer being lost.</summary>
    public bool MayHold(long key) => (key > 0 && key <= _rows * 3 && key % 3 == 0) || _inserted.ContainsKey(key);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _working;
        await _source.DisposeAsync();
        _stop.Dispose();
    }

    private bool IsMariaDb => _source is MySqlDataSource;

    private async Task WorkAsync()
    {
        using var timer = new PeriodicTimer(_pause);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await TryChangeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task TryChangeAsync()
    {
        var key = _random.Next(1, _rows + 1) * 3L;
        try
        {
            switch (_changes++ % 4)
            {
                case 0:
                    await InsertAsync(key + 1);
                    break;
                case 1:
                    await InsertAsync((_rows * 3L) + (_changes * 3) + 1);
                    break;
                case 2:
                    await ExecuteAsync(IsMariaDb ? "DELETE FROM facility WHERE id % 45 = 0 AND id <= ? ORDER BY id LIMIT 1" : "DELETE FROM facility WHERE id = (SELECT id FROM facility WHERE id % 45 = 0 AND id <= $1 ORDER BY id LIMIT 1)", _rows * 3L);
                    break;
                default:
                    await ExecuteAsync($"UPDATE facility SET phone = '+49301{_changes:000000}' WHERE id = {(IsMariaDb ? "?" : "$1")}", key);
                    break;
            }
        }
        catch (DbException)
        {
            // The source is away: that may be the very fault.
        }
    }

    private async Task InsertAsync(long key)
    {
        // Known before it is tried: the answer may be lost.
        _inserted.TryAdd(key, false);
        const string Columns = "INTO facility (id, name, country, locality, postal_code, street_address) VALUES";
        const string Values = "'Newcomer', 'DE', 'Berlin', '10115', 'Torstraße 1')";
        await ExecuteAsync(IsMariaDb ? $"INSERT IGNORE {Columns} (?, {Values}" : $"INSERT {Columns} ($1, {Values} ON CONFLICT DO NOTHING", key);
        _inserted[key] = true;
    }

    private async Task ExecuteAsync(string sql, long key)
    {
        await using var command = _source.CreateCommand(sql);
        var parameter = command.CreateParameter();
        parameter.Value = key;
        command.Parameters.Add(parameter);
        await command.ExecuteNonQueryAsync(_stop.Token);
    }
}

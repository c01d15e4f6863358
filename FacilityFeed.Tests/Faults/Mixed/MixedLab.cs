using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Faults.Mixed;

/// <summary>Two builds of the program on one state database, one source and one folder, each as processes of its own.</summary>
internal sealed class MixedLab : IAsyncDisposable
{
    /// <summary>Rows that the source has at first, and never fewer but for <see cref="ShrinkAsync"/>.</summary>
    public const int Rows = 1000;

    private readonly TempFolder _folder = new();
    private readonly List<ProgramRun> _programs = [];
    private readonly Dictionary<string, string> _settings;
    private int _changes;

    private MixedLab(TestDatabase state, TestDatabase source)
    {
        (State, Source) = (state, source);
        var options = source.SourceOptions;
        _settings = new()
        {
            ["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = "FacilityFeed.Tests",
            ["FAULT_TIMES"] = FaultTimes.Shortened.Name,
            ["FAULT_HITS"] = _folder.File("hits"),
            ["FAULT_PACE"] = "60",
            ["STATE_DB"] = state.ConnectionString,
            ["DB_HOST"] = options.Host,
            ["DB_PORT"] = options.Port.ToString(CultureInfo.InvariantCulture),
            ["DB_NAME"] = options.Database,
            ["DB_USER"] = options.User,
            ["DB_PASSWORD"] = options.Password!,
            ["DATA_DIR"] = _folder.File("data"),
            ["LOCAL_STORAGE_PATH"] = Store,
            ["CHUNK_SIZE"] = "50",
            ["Feeds__facility__Workers"] = "2",
            // No schedule may come due meanwhile.
            ["FEED_CRON"] = "0 0 29 2 1",
        };
        Directory.CreateDirectory(_folder.File("hits"));
    }

    /// <summary>The tests' assembly of the earlier build, made by <c>./test mixed COMMIT</c>.</summary>
    public static string Earlier => Environment.GetEnvironmentVariable("EARLIER_BUILD") ?? throw new InvalidOperationException("EARLIER_BUILD names no folder: ./test mixed COMMIT makes one");

    public static string Ours => AppContext.BaseDirectory;

    public TestDatabase State { get; }

    public TestDatabase Source { get; }

    public string Store => _folder.File("feeds");

    public static async Task<MixedLab> CreateAsync() => new(await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync(Facilities.Numbered(1, Rows)));

    /// <summary>Starts a service and waits until it is up.</summary>
    /// <param name="build">Of which build.</param>
    /// <param name="at">Where it dies; null: nowhere.</param>
    public async Task<ProgramRun> ServeAsync(string build, CrashPoint? at = null)
    {
        var service = Start(build, at, "serve");
        await service.SaysAsync("Dashboard: ");
        return service;
    }

    /// <summary>The one-shot command; beside a service it begins a run and leaves the work to it.</summary>
    public ProgramRun Publish(string build, CrashPoint? at = null) => Start(build, at, "publish", "facility");

    /// <summary>kill -9, and no other process of that build is left.</summary>
    public static async Task KillAsync(params IEnumerable<ProgramRun> programs)
    {
        foreach (var program in programs.Where(program => !program.HasEnded))
        {
            await program.SignalAsync("KILL");
            await program.DieAsync();
        }
    }

    /// <summary>A row has another name, so that a run has something to publish.</summary>
    public Task ChangeAsync() => Source.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"UPDATE facility SET name = 'Studio of change {++_changes}' WHERE id = 1"));

    /// <summary>A hundred rows are left, of which forty have no country.</summary>
    public Task ShrinkAsync() => Source.ExecuteAsync("CREATE TABLE kept AS TABLE facility; DELETE FROM facility WHERE id > 100; UPDATE facility SET country = NULL WHERE id <= 40");

    /// <summary>All rows are there again.</summary>
    public Task GrowAgainAsync() => Source.ExecuteAsync("TRUNCATE facility; INSERT INTO facility TABLE kept; DROP TABLE kept");

    public Task<long> NewestAsync() => State.ScalarAsync<long>("SELECT coalesce(max(id), 0) FROM feed.run");

    /// <summary>Waits until no run is active.</summary>
    /// <returns>The state of the newest.</returns>
    public async Task<string> EndedAsync()
    {
        await Until.TrueAsync(async () => await State.ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state IN ('planning', 'running', 'publishing')") == 0, TimeSpan.FromMinutes(10), "no run to be active");
        return await State.ScalarAsync<string>("SELECT state FROM feed.run ORDER BY id DESC LIMIT 1");
    }

    /// <summary>What an earlier build must not change: the run and its chunks.</summary>
    public Task<string> RunAsync(long id) => State.ScalarAsync<string>($"""
        SELECT concat((SELECT r::text FROM feed.run r WHERE id = {id}), (SELECT string_agg(c::text, '; ' ORDER BY number) FROM feed.chunk c WHERE run_id = {id}))
        """);

    public async Task<string> DescribeAsync() =>
        $"{await Lab.StateDump.ReadAsync(State.Connect)}\n{string.Join('\n', _programs.Select(program => $"--- a program\n{program.Output}{program.Errors}"))}";

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs)
        {
            await program.DisposeAsync();
        }

        await State.DisposeAsync();
        await Source.DisposeAsync();
        _folder.Dispose();
    }

    private ProgramRun Start(string build, CrashPoint? at, params string[] arguments)
    {
        var all = new Dictionary<string, string>(_settings) { ["HTTP_PORT"] = ClosedPort.Find().ToString(CultureInfo.InvariantCulture) };
        if (at is { } point)
        {
            all["FAULT_AT"] = point.ToString();
        }

        var program = ProgramRun.StartWithTests(_folder.Path, all, arguments, build);
        _programs.Add(program);
        return program;
    }
}

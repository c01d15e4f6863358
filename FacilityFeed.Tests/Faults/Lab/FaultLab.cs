using System.Diagnostics;
using System.Globalization;
using Dapper;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Faults.Inside;
using FacilityFeed.Tests.Support;
using MySqlConnector;
using Npgsql;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>Where one fault is had: state and source on real servers, a source that changes all the time, a store, and services that are processes of their own.</summary>
internal sealed class FaultLab : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Dictionary<string, string> _settings = [];
    private Promises _promises = null!;
    private StoredObjects _stored = null!;

    private FaultLab(FaultTimes times) => Times = times;

    public FaultTimes Times { get; }

    /// <summary>The server of the state database.</summary>
    public PostgresServer StateServer { get; private set; } = null!;

    /// <summary>What follows <see cref="StateServer"/>, where something does.</summary>
    public StandbyServer? Standby { get; private set; }

    /// <summary>The server of the source, where it has its own.</summary>
    public PostgresServer? SourceServer { get; private set; }

    /// <summary>The server of the source, where it is one of MariaDB.</summary>
    public MariaDbServer? MariaDb { get; private set; }

    /// <summary>What the test itself asks the state database with; past the lossy line.</summary>
    public NpgsqlDataSource State { get; private set; } = null!;

    /// <summary>For whoever else comes to the state database.</summary>
    public string StateConnectionString { get; private set; } = "";

    public SourceChurn Source { get; private set; } = null!;

    public FaultyGateway? Gateway { get; private set; }

    public LossyLine? Line { get; private set; }

    public SmallDisk? Disk { get; private set; }

    public RunLedger Runs => new(State);

    /// <summary>Gets a file for each crash point that was hit.</summary>
    public string Hits => _folder.File("hits");

    public static async Task<FaultLab> CreateAsync(FaultTimes times, LabPlan plan)
    {
        var lab = new FaultLab(times);
        try
        {
            await lab.PrepareAsync(plan);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a service; as often as wanted, also beside another.</summary>
    /// <param name="at">Where something happens to it; null: nowhere.</param>
    /// <param name="chunk">In which chunk; 0: whichever comes first.</param>
    /// <param name="kind">What happens.</param>
    /// <param name="pace">How long each chunk is held, so that the run lasts.</param>
    /// <param name="settings">Further settings.</param>
    public async Task<FaultService> ServeAsync(CrashPoint? at = null, int chunk = 0, FaultKind kind = FaultKind.Kill, TimeSpan pace = default, params (string Name, string Value)[] settings)
    {
        var port = ClosedPort.Find();
        var all = new Dictionary<string, string>(_settings)
        {
            ["HTTP_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["FAULT_PACE"] = ((int)pace.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
        };
        if (at is { } point)
        {
            all["FAULT_AT"] = point.ToString();
            all["FAULT_CHUNK"] = chunk.ToString(CultureInfo.InvariantCulture);
            all["FAULT_KIND"] = kind.ToString();
        }

        foreach (var (name, value) in settings)
        {
            all[name] = value;
        }

        var service = new FaultService(ProgramRun.StartWithTests(_folder.Path, all, ["serve"]), new Uri($"http://localhost:{port}"));
        _parts.Add(service);
        await service.Run.SaysAsync("Dashboard: ");
        return service;
    }

    /// <summary>Waits until a run later than <paramref name="after"/> is there and none is active.</summary>
    /// <returns>The newest run, which must be published.</returns>
    public async Task<RunView> PublishedAsync(long after = 0)
    {
        var run = await EndedAsync(after);
        Assert.That(run.State, Is.EqualTo(Domain.Ledger.RunState.Published), $"run {run.Id}: {run.Reason}");
        return run;
    }

    /// <inheritdoc cref="PublishedAsync"/>
    /// <returns>The newest run, however it ended.</returns>
    public async Task<RunView> EndedAsync(long after = 0)
    {
        RunView? newest = null;
        await Until.TrueAsync(async () =>
        {
            try
            {
                var runs = await Runs.ListAsync(20, CancellationToken.None);
                newest = runs.Count > 0 ? runs[0] : null;
                return newest?.Id > after && runs.All(run => !Domain.Ledger.RunTransitions.IsActive(run.State));
            }
            catch (NpgsqlException)
            {
                // The state database is away: that may be the very fault.
                return false;
            }
        }, Times.Patience, $"a run after {after} to end");
        return newest!;
    }

    /// <summary>Waits until so many chunks of the newest run are done.</summary>
    public Task DoneAsync(int chunks) => Until.TrueAsync(
        async () => await ScalarAsync<long>("SELECT count(*) FROM feed.chunk WHERE state = 'done' AND run_id = (SELECT max(id) FROM feed.run)") >= chunks, Times.Patience, $"{chunks} chunks to be done");

    public async Task<T> ScalarAsync<T>(string sql, object? values = null)
    {
        await using var connection = await State.OpenConnectionAsync();
        return (await connection.QuerySingleAsync<T>(sql, values))!;
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = await State.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    /// <summary>Waits until the run is published, then asserts every promise.</summary>
    /// <param name="living">A service that is there afterwards.</param>
    /// <param name="since">When the recovery began, by the stopwatch.</param>
    /// <param name="after">The run before.</param>
    /// <returns>How long it took to be published.</returns>
    public async Task<TimeSpan> RecoverAsync(FaultService living, long since, long after = 0)
    {
        await PublishedAsync(after);
        var recovery = Since(since);
        await AssertPromisesAsync(living);
        return recovery;
    }

    /// <summary>Every promise; then a further run, which shows that nothing is left that keeps the feed from being made.</summary>
    public async Task AssertPromisesAsync(FaultService living)
    {
        await AssertPromisesNowAsync();
        var last = await ScalarAsync<long>("SELECT max(id) FROM feed.run");
        var inNewest = Source.LivingNow;
        await living.TriggerAsync();
        await PublishedAsync(last);
        await _promises.AssertAsync(Source.Living, Source.MayHold, inNewest);
    }

    /// <summary>The fault is to meet a run that is not over.</summary>
    public async Task AssertActiveAsync() =>
        Assert.That(await ScalarAsync<long>("SELECT count(*) FROM feed.run WHERE state NOT IN ('planning', 'running', 'publishing')"), Is.Zero, "runs that were over before the fault");

    public Task AssertPromisesNowAsync() => _promises.AssertAsync(Source.Living, Source.MayHold);

    /// <summary>Does something, and when it fails writes down what state everything is in.</summary>
    public async Task<T> ExplainAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch
        {
            await TestContext.Out.WriteLineAsync(await DescribeAsync());
            throw;
        }
    }

    /// <summary>Nobody may see anything of a run that is not published.</summary>
    public async Task AssertNothingVisibleAsync() => Assert.That((await _stored.ListAsync()).Where(name => name.EndsWith(".json", StringComparison.Ordinal)), Is.Empty, "manifests and alias of a run that is not over");

    /// <summary>Time since <paramref name="timestamp"/> of the stopwatch.</summary>
    public static TimeSpan Since(long timestamp) => Stopwatch.GetElapsedTime(timestamp);

    public async ValueTask DisposeAsync()
    {
        _parts.Reverse();
        var failures = new List<Exception>();
        foreach (var part in _parts)
        {
            try
            {
                await part.DisposeAsync();
            }
            catch (Exception failure)
            {
                // The others must end all the same.
                failures.Add(failure);
            }
        }

        if (failures.Count > 0)
        {
            throw new AggregateException(failures);
        }

        _folder.Dispose();
    }

    private async Task<string> DescribeAsync() =>
        $"{await StateDump.ReadAsync(State)}\n{string.Join('\n', _parts.OfType<FaultService>().Select(service => $"--- a service\n{service.Run.Errors}"))}";

    private async Task PrepareAsync(LabPlan plan)
    {
        Directory.CreateDirectory(Hits);
        StateServer = Keep(await PostgresServer.StartAsync());
        var state = await StateServer.CreateAsync("state", script: null);
        if (plan.HasStandby)
        {
            Standby = Keep(await StandbyServer.FollowAsync(StateServer.Home));
            var one = new NpgsqlConnectionStringBuilder(state);
            state = new NpgsqlConnectionStringBuilder(state) { Host = $"{one.Host},{Standby.Host}", TargetSessionAttributes = "primary" }.ConnectionString;
        }

        State = Keep(NpgsqlDataSource.Create(state));
        StateConnectionString = state;
        Configure(plan, ThroughLine(plan, state), plan.HasMariaDb ? await MariaDbSourceAsync(plan) : await PostgresSourceAsync(plan));
        _stored = plan.IsOnS3 ? await OpenBucketAsync() : StoredObjects.In(_settings["LOCAL_STORAGE_PATH"]);
        _promises = new Promises(State, _stored, Times.Watch);
        Disk = plan switch
        {
            { SpoolKiB: > 0 } => Keep(await SmallDisk.MountAsync(_folder.File("data/spool"), plan.SpoolKiB)),
            { StoreKiB: > 0 } => Keep(await SmallDisk.MountAsync(_folder.File("feeds"), plan.StoreKiB)),
            _ => null,
        };
    }

    private async Task<SourceOptions> PostgresSourceAsync(LabPlan plan)
    {
        SourceServer = plan.HasOwnSource ? Keep(await PostgresServer.StartAsync()) : null;
        var source = new NpgsqlConnectionStringBuilder(await (SourceServer ?? StateServer).CreateAsync("source", SourceChurn.Script(plan.Rows, plan.NameBytes)));
        Source = Keep(SourceChurn.Begin(NpgsqlDataSource.Create(source), plan.Rows));
        return new SourceOptions { Host = source.Host!, Port = source.Port, Database = source.Database!, User = source.Username!, Password = source.Password };
    }

    private async Task<SourceOptions> MariaDbSourceAsync(LabPlan plan)
    {
        MariaDb = Keep(TestServers.Found(await MariaDbServer.StartAsync()));
        await MariaDb.ExecuteAsync("CREATE DATABASE source CHARACTER SET utf8mb4");
        await MariaDb.ExecuteAsync("USE source; " + SourceChurn.MariaDbScript(plan.Rows, plan.NameBytes));
        var source = MariaDb.SourceOptions("source");
        Source = Keep(SourceChurn.Begin(new MySqlDataSource(MariaDb.ConnectionString("source")), plan.Rows));
        return source;
    }

    private string ThroughLine(LabPlan plan, string state)
    {
        if (!plan.LosesReplies)
        {
            return state;
        }

        var direct = new NpgsqlConnectionStringBuilder(state);
        Line = Keep(LossyLine.To(Path.Combine(direct.Host!, ".s.PGSQL.5432")));
        (direct.Host, direct.Port) = ("127.0.0.1", Line.Port);
        return direct.ConnectionString;
    }

    private void Configure(LabPlan plan, string state, SourceOptions source)
    {
        _settings["ASPNETCORE_HOSTINGSTARTUPASSEMBLIES"] = "FacilityFeed.Tests";
        _settings["FAULT_TIMES"] = Times.Name;
        _settings["FAULT_HITS"] = Hits;
        _settings["STATE_DB"] = state;
        _settings["DB_ENGINE"] = source.Engine.ToString().ToLowerInvariant();
        _settings["DB_HOST"] = source.Host;
        _settings["DB_PORT"] = source.Port.ToString(CultureInfo.InvariantCulture);
        _settings["DB_NAME"] = source.Database;
        _settings["DB_USER"] = source.User;
        _settings["DB_PASSWORD"] = source.Password!;
        _settings["DATA_DIR"] = _folder.File("data");
        _settings["LOCAL_STORAGE_PATH"] = _folder.File("feeds");
        _settings["CHUNK_SIZE"] = plan.ChunkSize.ToString(CultureInfo.InvariantCulture);
        // No schedule may come due while a fault is had.
        _settings["FEED_CRON"] = "0 0 29 2 1";
        // The source changes much more than one does while a run is on, and a held run would show nothing of a fault.
        _settings["Feeds__facility__Guard__MaxDriftPercent"] = "off";
        _settings["Feeds__facility__Guard__MaxGrowthFactor"] = "off";
        // One row has as many chunks as a run may have, which is more than the partner takes.
        _settings["Feeds__facility__Guard__MaxShards"] = "2000";
        if (plan.NameBytes > 0)
        {
            // Such names are only there to make large shards.
            _settings["Feeds__facility__Validation"] = "off";
        }

        foreach (var (name, value) in plan.Settings)
        {
            _settings[name] = value;
        }
    }

    private async Task<StoredObjects> OpenBucketAsync()
    {
        var server = await TestServers.CephAsync();
        var bucket = await server.NewBucketAsync();
        Gateway = Keep(await FaultyGateway.StartAsync(server.Endpoint));
        _settings["S3_BUCKET_NAME"] = bucket.Bucket;
        _settings["S3_ENDPOINT_URL"] = Gateway.Address.ToString();
        _settings["AWS_ACCESS_KEY_ID"] = bucket.AccessKeyId!;
        _settings["AWS_SECRET_ACCESS_KEY"] = bucket.SecretAccessKey!;
        return StoredObjects.In(bucket);
    }

    private T Keep<T>(T part) where T : IAsyncDisposable
    {
        _parts.Add(part);
        return part;
    }
}

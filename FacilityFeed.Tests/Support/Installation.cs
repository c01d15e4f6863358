using System.Globalization;
using System.Net;

namespace FacilityFeed.Tests.Support;

/// <summary>An installation as a person has one: a folder, databases and settings in the environment; commands are run in it.</summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly TestDatabase? _state;
    private readonly SourceDatabase? _source;

    private Installation(TestDatabase? state, SourceDatabase? source)
    {
        _state = state;
        _source = source;
    }

    public TempFolder Folder { get; } = new();

    /// <summary>The environment of each command.</summary>
    public Dictionary<string, string> Settings { get; } = [];

    public TestDatabase State => _state!;

    /// <summary>The source, where it is PostgreSQL.</summary>
    public TestDatabase Source => (TestDatabase)_source!;

    public string StorePath => Folder.File("data/feeds");

    /// <summary>With nothing configured.</summary>
    public static Installation Bare() => new(null, null);

    /// <summary>With a source database, and the embedded one for the state.</summary>
    public static async Task<Installation> WithSourceAsync(string sourceScript) => Configured(null, await TestDatabase.CreateAsync(sourceScript));

    /// <summary>With a source on MariaDB and a state database.</summary>
    public static async Task<Installation> WithMariaDbAsync(string sourceScript)
    {
        var installation = Configured(await TestDatabase.CreateAsync(), await MariaDbDatabase.CreateAsync(sourceScript));
        installation.Settings["DB_ENGINE"] = "mysql";
        return installation;
    }

    /// <summary>With a source and a state database.</summary>
    public static async Task<Installation> CreateAsync(string sourceScript) => Configured(await TestDatabase.CreateAsync(), await TestDatabase.CreateAsync(sourceScript));

    public ProgramRun Start(params string[] arguments) => ProgramRun.Start(Folder.Path, Settings, arguments);

    /// <summary>With stdin, stdout and stderr at a terminal of its own; both streams are in <see cref="ProgramRun.TerminalFile"/>.</summary>
    public ProgramRun StartAtTerminal(int columns, params string[] arguments) => ProgramRun.StartAtTerminal(Folder.Path, Settings, columns, arguments);

    /// <summary>Runs what a person pasted into a shell, where <c>./run</c> is the program.</summary>
    public ProgramRun StartShell(string command) => ProgramRun.StartShell(Folder.Path, Settings, command);

    public async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        await using var run = Start(arguments);
        return await run.EndAsync();
    }

    /// <summary>Names and SHA-256 of the files in the store.</summary>
    public IReadOnlyDictionary<string, string> Stored() => !Directory.Exists(StorePath) ? new Dictionary<string, string>() : Directory.GetFiles(StorePath)
        .ToDictionary(path => Path.GetFileName(path), path => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))), StringComparer.Ordinal);

    /// <summary>Starts the service on a free port and waits until it says where it listens.</summary>
    public async Task<(ProgramRun Service, HttpClient Http)> ServeAsync()
    {
        Settings["HTTP_PORT"] = ClosedPort.Find().ToString(CultureInfo.InvariantCulture);
        // No schedule may come due while a test runs.
        Settings["FEED_CRON"] = "0 0 29 2 1";
        var service = Start("serve");
        await service.SaysAsync("Dashboard: ");
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri($"http://localhost:{Settings["HTTP_PORT"]}") };
        return (service, http);
    }

    public async ValueTask DisposeAsync()
    {
        await (_state?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_source?.DisposeAsync() ?? ValueTask.CompletedTask);
        Folder.Dispose();
    }

    private static Installation Configured(TestDatabase? state, SourceDatabase source)
    {
        var installation = new Installation(state, source);
        var options = source.SourceOptions;
        installation.Settings["DB_HOST"] = options.Host;
        installation.Settings["DB_PORT"] = options.Port.ToString(CultureInfo.InvariantCulture);
        installation.Settings["DB_NAME"] = options.Database;
        installation.Settings["DB_USER"] = options.User;
        installation.Settings["DB_PASSWORD"] = options.Password!;
        if (state is not null)
        {
            installation.Settings["STATE_DB"] = state.ConnectionString;
        }

        return installation;
    }
}

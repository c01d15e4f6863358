using FacilityFeed.Domain;

namespace FacilityFeed.Tests.Embedded;

/// <summary>Clusters of versions before the socket and the role of its own go on.</summary>
public sealed class EmbeddedHandoverTests
{
    private const string Script = """
        CREATE SCHEMA "Old feed"; CREATE TYPE "Old feed".mood AS ENUM ('calm'); CREATE DOMAIN "Old feed".number AS bigint; CREATE TYPE "Old feed".pair AS (a int, b int);
        CREATE TABLE "Old feed".run (id bigserial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, mood "Old feed".mood, number "Old feed".number);
        CREATE TABLE part (id int) PARTITION BY RANGE (id); CREATE TABLE low PARTITION OF part DEFAULT; CREATE SEQUENCE alone;
        CREATE VIEW seen AS SELECT * FROM part; CREATE MATERIALIZED VIEW kept AS SELECT * FROM part; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE EXTENSION hstore; INSERT INTO "Old feed".run (mood) VALUES ('calm')
        """;

    private EmbeddedServers _servers = null!;

    [SetUp]
    public void Prepare() => _servers = new EmbeddedServers();

    [TearDown]
    public async Task StopAsync() => await _servers.DisposeAsync();

    [Test]
    public async Task AnOldCluster_IsHandedOverToTheDailyRole_AndClosed()
    {
        await OlderServer.LeaveClusterAsync(_servers, Script);

        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("facilityfeed", null, CancellationToken.None);

        var state = server.ConnectionString("facilityfeed");
        Assert.That(await EmbeddedServers.AskAsync<long>(state, """
            SELECT (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' WHERE relowner <> current_user::regrole)
                + (SELECT count(*) FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' WHERE typowner <> current_user::regrole AND typname !~ 'hstore')
                + (SELECT count(*) FROM pg_namespace WHERE nspname = 'Old feed' AND nspowner <> current_user::regrole)
                + (SELECT count(*) FROM pg_proc WHERE proname = 'one' AND proowner <> current_user::regrole)
                + (SELECT count(*) FROM pg_database WHERE datname = current_database() AND datdba <> current_user::regrole)
            """), Is.Zero, "things that are not the role's");
        Assert.That(await EmbeddedServers.AskAsync<long>(state, "INSERT INTO \"Old feed\".run (mood) VALUES ('calm') RETURNING id"), Is.EqualTo(2));
        Assert.That(await EmbeddedServers.AskAsync<long>(state, "WITH made AS (SELECT nextval('alone')) SELECT * FROM made"), Is.EqualTo(1));
        Assert.That(EmbeddedServers.HostOf(server), Is.EqualTo(_servers.SocketFolder));
        foreach (var file in new[] { "use.lock", "start.lock", "space" })
        {
            Assert.That(File.GetUnixFileMode(Path.Combine(_servers.Home, file)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite), file);
        }
    }

    [Test]
    public async Task AServerOnAPort_ThatOthersUse_IsLeftToThem_WithAWord()
    {
        await OlderServer.LeaveClusterAsync(_servers, "SELECT 1");
        await OlderServer.StartAsync(_servers);
        var pidFile = await File.ReadAllTextAsync(_servers.PidFile);
        // As an older program holds it.
        using (new FileStream(Path.Combine(_servers.Home, "use.lock"), FileMode.Open, FileAccess.Read, FileShare.Read))
        {
            Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("older version").And.Message.Contains("start it anew"));
            Assert.That(await File.ReadAllTextAsync(_servers.PidFile), Is.EqualTo(pidFile), "it runs on");
            await EmbeddedServers.KillPostmasterAsync(_servers.PidFile);
            Assert.That(() => _servers.StartAsync(), Throws.InstanceOf<FeedRejectedException>().With.Message.Contains("older version"), "they look for it at its port");
        }

        Assert.That(await EmbeddedServers.AskAsync<int>(await _servers.StartAsync(), "SELECT 1"), Is.EqualTo(1));
    }

    [Test]
    public async Task AServerOnAPort_ThatNobodyUses_IsStartedAnewOnTheSocket()
    {
        await OlderServer.LeaveClusterAsync(_servers, "CREATE TABLE t AS SELECT 7 AS n");
        await OlderServer.StartAsync(_servers);
        var pidFile = await File.ReadAllTextAsync(_servers.PidFile);

        var server = await _servers.StartAsync();
        await server.EnsureDatabaseAsync("facilityfeed", null, CancellationToken.None);

        Assert.That(await File.ReadAllTextAsync(_servers.PidFile), Is.Not.EqualTo(pidFile));
        Assert.That(await EmbeddedServers.AskAsync<int>(server.ConnectionString("facilityfeed"), "SELECT n FROM t"), Is.EqualTo(7));
    }
}

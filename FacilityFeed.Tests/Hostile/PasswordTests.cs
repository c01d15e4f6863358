using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Settings;

namespace FacilityFeed.Tests.Hostile;

/// <summary>A server that asks for the password in clear text.</summary>
public sealed class PasswordTests
{
    private const string Password = "hunter2-and-more";

    [TestCase(SourceSsl.Preferred)]
    [TestCase(SourceSsl.None)]
    public async Task Postgres_IsNotSentThePassword_WhenItAsksForClearText(SourceSsl ssl)
    {
        await using var server = Asking(HostilePostgres.AskForClearText);

        var refused = await RefusalAsync(Source(server) with { Ssl = ssl });

        Assert.That(refused, Does.Contain("asks for the password of DB_USER (Source:User) 'reader' in clear text").And.Contain("Source:AllowClearTextPassword").And.Contain("verify-full").And.Not.Contain(Password));
        Assert.That(Sent(server), Does.Not.Contain(Password));
    }

    [Test]
    public async Task Postgres_IsSentThePassword_WhereASettingAllowsIt()
    {
        await using var server = Asking(HostilePostgres.AskForClearText);

        await RefusalAsync(Source(server) with { IsClearTextAllowed = true });

        Assert.That(Sent(server), Does.Contain(Password));
    }

    [Test]
    public async Task Postgres_IsProvenThePassword_ByMd5()
    {
        await using var server = Asking(HostilePostgres.AskForMd5);

        await RefusalAsync(Source(server));

        Assert.That(Sent(server), Does.Contain("md5").And.Not.Contain(Password));
    }

    [TestCase("", false)]
    [TestCase(";Require Auth=Password", true)]
    public async Task TheStateDatabase_IsSentThePassword_OnlyWhereItsConnectionStringSaysSo(string more, bool isSent)
    {
        await using var server = Asking(HostilePostgres.AskForClearText);
        var settings = Configured.With(("State:ConnectionString", $"Host=127.0.0.1;Port={server.Port};Database=state;Username=feed;Password={Password}{more}"), ("Source:Database", "d"), ("Source:User", "u"));

        var refused = await Assert.ThrowsAsync<FeedRejectedException>(() => Databases.OpenAsync(settings, new Patience(TimeProvider.System, limit: TimeSpan.Zero), CancellationToken.None));

        Assert.That(Sent(server).Contains(Password, StringComparison.Ordinal), Is.EqualTo(isSent));
        Assert.That(refused!.Message, isSent ? Does.Contain("no thanks") : Does.Contain("STATE_DB").And.Contain("in clear text").And.Contain("Require Auth=Password"));
    }

    [Test]
    public async Task MySql_IsNotSentThePassword_WhenItAsksForClearText_FromAnotherMachine()
    {
        await using var server = new HostileServer(async talk =>
        {
            await talk.SayAsync(HostileMySql.Greeting);
            var (sequence, _) = await HostileMySql.HearAsync(talk);
            await talk.SayAsync(HostileMySql.AskFor((byte)(sequence + 1), "mysql_clear_password"));
            await talk.HearAsync();
        }, IPAddress.Any);

        var refused = await RefusalAsync(Source(server) with { Engine = SourceEngine.MySql, Host = OutsideAddress() });

        Assert.That(refused, Does.Contain("in clear text").And.Contain("verify-full").And.Not.Contain(Password));
        Assert.That(Sent(server), Does.Not.Contain(Password));
    }

    [TestCase("db.example.com", SourceSsl.Preferred, true)]
    [TestCase("192.0.2.7", SourceSsl.None, true)]
    [TestCase("192.0.2.7", SourceSsl.Required, false)]
    [TestCase("127.0.0.1", SourceSsl.Preferred, false)]
    [TestCase("::1", SourceSsl.None, false)]
    [TestCase("/run/postgresql", SourceSsl.None, false)]
    [TestCase("localhost", SourceSsl.Preferred, false)]
    public void ASource_IsOpenOnTheWay_WhenItIsRemoteAndTlsIsNotDemanded(string host, SourceSsl ssl, bool isOpen) =>
        Assert.That((new SourceOptions { Host = host, Port = 1, Database = "d", User = "u", Password = null, Ssl = ssl }).IsOpenOnTheWay, Is.EqualTo(isOpen));

    private static HostileServer Asking(byte[] request) => new(async talk =>
    {
        await HostilePostgres.StartAsync(talk);
        await talk.SayAsync(request);
        await talk.HearAsync();
        await talk.SayAsync(HostilePostgres.Error("28P01", "no thanks", "FATAL"));
    });

    private static SourceOptions Source(HostileServer server) => new() { Host = "127.0.0.1", Port = server.Port, Database = "shop", User = "reader", Password = Password };

    private static string Sent(HostileServer server) => Encoding.UTF8.GetString(server.Received);

    private static string OutsideAddress() => NetworkInterface.GetAllNetworkInterfaces().Where(network => network.OperationalStatus == OperationalStatus.Up)
        .SelectMany(network => network.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
        .First(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address)).ToString();

    private static async Task<string> RefusalAsync(SourceOptions options)
    {
        await using var pool = new SourcePool(options);
        return (await Assert.ThrowsAsync<FeedRejectedException>(() => pool.For("facility").CheckAsync(CancellationToken.None)))!.Message;
    }
}

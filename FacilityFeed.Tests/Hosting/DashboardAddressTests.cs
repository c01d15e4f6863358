using System.Globalization;
using System.Net;
using System.Net.Sockets;
using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Hosting;

/// <summary>Who may reach the dashboard, by requests to the real server. This machine's own outward address stands for another machine's.</summary>
public sealed class DashboardAddressTests
{
    private readonly int _port = ClosedPort.Find();

    [Test]
    public async Task TheDashboard_LetsOnlyLoopbackIn_ByDefault()
    {
        await using var host = await StartAsync();

        Assert.That(await AskAsync(from: IPAddress.Loopback, to: IPAddress.Loopback), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync(from: Outward(), to: IPAddress.Loopback), Is.EqualTo(HttpStatusCode.Unauthorized), "should a request from elsewhere get so far");
        Assert.That(async () => await AskAsync(from: Outward(), to: Outward()), Throws.InstanceOf<HttpRequestException>(), "nobody listens outside loopback");
    }

    [Test]
    public async Task TheDashboard_LetsARequestFromElsewhereIn_WhenItsAddressIsAny()
    {
        await using var host = await StartAsync(("Dashboard:Address", "any"));

        Assert.That(await AskAsync(from: Outward(), to: IPAddress.Loopback), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await AskAsync(from: Outward(), to: Outward()), Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task TheDashboard_AnswersToItsOwnHostNamesOnly_WhenItsAddressIsAny()
    {
        await using var host = await StartAsync(("Dashboard:Address", "any"));

        Assert.That(await AskAsync(from: Outward(), to: Outward(), name: "facilities.example"), Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Serve_SaysThatThereIsNoLogin_WhenItsAddressIsAny([Values] bool isOpen)
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        installation.Settings["HTTP_ADDRESS"] = isOpen ? "any" : "localhost";
        var (service, client) = await installation.ServeAsync();
        await using var running = service;
        using var http = client;

        Assert.That(service.Errors, isOpen ? Does.Contain("warning: HTTP_ADDRESS (Dashboard:Address) is 'any'").And.Contain("no login") : Does.Not.Contain("HTTP_ADDRESS"));
    }

    private async Task<TestHost> StartAsync(params (string Key, string Value)[] settings)
    {
        var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1), settings: [("Dashboard:Port", _port.ToString(CultureInfo.InvariantCulture)), .. settings]);
        host.Host.App.MapFeedDashboard();
        await host.Host.App.StartAsync();
        return host;
    }

    private async Task<HttpStatusCode> AskAsync(IPAddress from, IPAddress to, string name = "localhost")
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(to.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(new IPEndPoint(to, _port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var answer = await client.GetAsync($"http://{name}:{_port}/hangfire/recurring");
        return answer.StatusCode;
    }

    private static IPAddress Outward()
    {
        var address = Dns.GetHostAddresses("").FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))
            ?? System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(card => card.GetIPProperties().UnicastAddresses).Select(unicast => unicast.Address)
                .FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address));
        if (address is null)
        {
            TestServers.Missing("this machine has no address but loopback");
        }

        return address!;
    }
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Deploy;

/// <summary>The script behind the image's HEALTHCHECK.</summary>
public sealed class HealthCheckTests
{
    [TestCase("HTTP/1.1 302 Found", 0)]
    [TestCase("HTTP/1.1 500 Internal Server Error", 1)]
    [TestCase("SSH-2.0-OpenSSH", 1)]
    public async Task Check_GoesByTheAnswer(string answer, int expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeOnceAsync(listener, answer);

        var exitCode = await RunAsync("dotnet\0/app/FacilityFeed.Scheduler.dll\0serve\0", ((IPEndPoint)listener.LocalEndpoint).Port);

        Assert.That(await serving, Does.StartWith("GET / HTTP/1.1\r\nHost: localhost\r\n"));
        Assert.That(exitCode, Is.EqualTo(expected));
    }

    [TestCase("dotnet\0/app/FacilityFeed.Scheduler.dll\0serve\0", 1)]
    [TestCase("dotnet\0/app/FacilityFeed.Scheduler.dll\0publish\0facility\0", 0)]
    public async Task Check_AsksOnlyAService_WhenNobodyListens(string commandLine, int expected) =>
        Assert.That(await RunAsync(commandLine, ClosedPort.Find()), Is.EqualTo(expected));

    private static async Task<string> ServeOnceAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var stream = client.GetStream();
        var request = new byte[1024];
        var length = await stream.ReadAsync(request);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n\r\n"));
        return Encoding.ASCII.GetString(request, 0, length);
    }

    private static async Task<int> RunAsync(string commandLine, int port)
    {
        using var folder = new TempFolder();
        var file = folder.File("cmdline");
        await File.WriteAllTextAsync(file, commandLine);
        var start = new ProcessStartInfo("bash", [Repository.File("deploy/healthcheck")]) { RedirectStandardError = true };
        start.Environment["HEALTHCHECK_CMDLINE"] = file;
        start.Environment["HTTP_PORT"] = $"{port}";
        using var check = Process.Start(start)!;
        await check.StandardError.ReadToEndAsync();
        await check.WaitForExitAsync();
        return check.ExitCode;
    }
}

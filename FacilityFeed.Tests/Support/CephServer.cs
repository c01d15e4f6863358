using System.Diagnostics;
using System.Globalization;
using Amazon.S3.Model;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Tests.Support;

/// <summary>A real S3 server: a Ceph cluster of one node with its gateway, on loopback, its data in memory. Up in about ten seconds.</summary>
public sealed class CephServer : IAsyncDisposable
{
    private static readonly string[] _programs = ["ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin"];

    private readonly TempFolder _folder;
    private readonly List<Process> _processes = [];

    private CephServer(TempFolder folder, int port)
    {
        _folder = folder;
        Endpoint = new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}");
    }

    public Uri Endpoint { get; }

    /// <summary>What is missing on this machine; null when nothing is.</summary>
    public static string? Missing() => _programs.All(program => Tool.Find(program) is not null) ? null : "Ceph's S3 gateway is not on this machine: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd";

    public static async Task<CephServer> StartAsync()
    {
        const int Attempts = 3;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnceAsync();
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
                // A port that was free a moment ago may be somebody's outgoing connection now.
            }
        }
    }

    private static async Task<CephServer> StartOnceAsync()
    {
        var server = new CephServer(new TempFolder(), ClosedPort.Find());
        try
        {
            await server.StartClusterAsync();
            await server.AddUserAsync(Owner);
            await server.AddUserAsync(Stranger);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The user whose buckets the tests use.</summary>
    public const string Owner = "owner";

    /// <summary>A user without a right to them.</summary>
    public const string Stranger = "stranger";

    public static string SecretOf(string user) => $"secret-of-{user}";

    /// <summary>A new bucket of the owner, as a store.</summary>
    public async Task<S3StoreOptions> NewBucketAsync()
    {
        var options = new S3StoreOptions
        {
            Section = "Stores:s3",
            Bucket = $"test-{Guid.NewGuid():N}",
            Endpoint = Endpoint,
            Provider = S3Provider.S3Compatible,
            AccessKeyId = Owner,
            SecretAccessKey = SecretOf(Owner),
        };
        using var connection = new S3Connection(options);
        await connection.Client.PutBucketAsync(new PutBucketRequest { BucketName = options.Bucket });
        return options;
    }

    public async ValueTask DisposeAsync()
    {
        // The gateway first: it would wait for the others.
        _processes.Reverse();
        foreach (var process in _processes)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _folder.Dispose();
    }

    private string Configuration => _folder.File("ceph.conf");

    private async Task StartClusterAsync()
    {
        var (fsid, monitor) = (Guid.NewGuid().ToString(), ClosedPort.Find());
        foreach (var folder in new[] { "mon", "osd", "run" })
        {
            Directory.CreateDirectory(_folder.File(folder));
        }

        await File.WriteAllTextAsync(Configuration, Settings(fsid, monitor));
        await Tool.RunAsync("monmaptool", "--create", "--fsid", fsid, "--addv", "a", $"[v1:127.0.0.1:{monitor}/0]", _folder.File("monmap"));
        await Tool.RunAsync("ceph-mon", "-c", Configuration, "-i", "a", "--mkfs", "--monmap", _folder.File("monmap"));
        _processes.Add(Tool.Keep("ceph-mon", "-f", "-c", Configuration, "-i", "a"));

        var osd = Guid.NewGuid().ToString();
        await Tool.RunAsync("ceph", "-c", Configuration, "--connect-timeout", "30", "osd", "new", osd);
        await Tool.RunAsync("ceph-osd", "-c", Configuration, "-i", "0", "--mkfs", "--osd-uuid", osd);
        _processes.Add(Tool.Keep("ceph-osd", "-f", "-c", Configuration, "-i", "0"));
        await Tool.RunAsync("ceph", "-c", Configuration, "osd", "crush", "add", "osd.0", "1.0", "host=localhost", "root=default");

        _processes.Add(Tool.Keep("radosgw", "-f", "-c", Configuration, "-n", "client.rgw.a"));
        using var http = new HttpClient();
        await Until.TrueAsync(async () => await AnswersAsync(http), TimeSpan.FromSeconds(90), "the S3 gateway");
    }

    private Task AddUserAsync(string user) => Tool.RunAsync("radosgw-admin", "-c", Configuration, "user", "create", $"--uid={user}", $"--display-name={user}", $"--access-key={user}", $"--secret-key={SecretOf(user)}");

    private async Task<bool> AnswersAsync(HttpClient http)
    {
        if (_processes.FirstOrDefault(process => process.HasExited) is { } ended)
        {
            throw new InvalidOperationException($"{ended.StartInfo.FileName} ended with {ended.ExitCode}");
        }

        try
        {
            using var response = await http.GetAsync(Endpoint);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private string Settings(string fsid, int monitor) => $"""
        [global]
        fsid = {fsid}
        mon host = [v1:127.0.0.1:{monitor}]
        mon initial members = a
        mon data = {_folder.File("mon")}
        osd data = {_folder.File("osd")}
        run dir = {_folder.File("run")}
        admin socket = {_folder.File("run")}/$name.asok
        log file = {_folder.File("run")}/$name.log
        auth cluster required = none
        auth service required = none
        auth client required = none
        auth allow insecure global id reclaim = true
        ms bind msgr2 = false
        public network = 127.0.0.0/8
        mon allow pool size one = true
        mon warn on pool no redundancy = false
        mon max pg per osd = 1000
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 4
        osd pool default pgp num = 4
        osd crush chooseleaf type = 0
        osd objectstore = memstore
        memstore device bytes = 2147483648
        rgw frontends = beast endpoint=127.0.0.1:{Endpoint.Port}
        rgw dns name =

        """;
}

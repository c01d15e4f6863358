using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FacilityFeed.Infrastructure.Reading;
using MySqlConnector;

namespace FacilityFeed.Tests.Support;

/// <summary>A private MariaDB on a free loopback port, its data in a folder that is gone afterwards: so nothing is synced to the disk.</summary>
public sealed class MariaDbServer : IAsyncDisposable
{
    private const string User = "tester";

    private static readonly TimeSpan _deadline = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly int _port = ClosedPort.Find();
    private readonly string _password = $"{Guid.NewGuid():N}";
    private Process? _process;
    private ProcessStartInfo? _start;

    private MariaDbServer()
    {
    }

    /// <summary>Null when the machine has no MariaDB.</summary>
    /// <param name="isEncrypted">Whether it offers TLS, by a certificate that nobody trusts.</param>
    public static async Task<MariaDbServer?> StartAsync(bool isEncrypted = false)
    {
        if (Find("mariadbd") is not { } program || Find("mariadb-install-db") is not { } install)
        {
            return null;
        }

        var server = new MariaDbServer();
        try
        {
            await server.StartAsync(install, program, isEncrypted);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public string ConnectionString(string database) => new MySqlConnectionStringBuilder
    {
        Server = "127.0.0.1",
        Port = (uint)_port,
        UserID = User,
        Password = _password,
        Database = database,
        AllowUserVariables = true,
    }.ConnectionString;

    public SourceOptions SourceOptions(string database) =>
        new() { Engine = SourceEngine.MySql, Host = "127.0.0.1", Port = _port, Database = database, User = User, Password = _password };

    /// <summary>For what belongs to no database.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new MySqlConnection(ConnectionString(""));
        await connection.OpenAsync();
        await using var command = new MySqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As an administrator stops it: open connections are ended.</summary>
    public async Task StopAsync()
    {
        await Tool.RunAsync("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>After it was stopped, at the same port.</summary>
    public async Task StartAgainAsync()
    {
        _process = Process.Start(_start!)!;
        await Until.TrueAsync(AnswersAsync, _deadline, "MariaDB to start");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _folder.Dispose();
    }

    private async Task StartAsync(string install, string program, bool isEncrypted)
    {
        var data = _folder.File("data");
        var log = _folder.File("log");
        // The server refuses root unless it is asked to be it; another user might not reach the folder.
        string[] common = ["--no-defaults", $"--datadir={data}", .. Environment.IsPrivilegedProcess ? ["--user=root"] : Array.Empty<string>()];
        using (var installing = Process.Start(new ProcessStartInfo(install, [.. common, "--skip-test-db", "--skip-name-resolve", "--auth-root-authentication-method=normal"]) { RedirectStandardOutput = true })!)
        {
            var output = await installing.StandardOutput.ReadToEndAsync();
            await installing.WaitForExitAsync();
            Assert.That(installing.ExitCode, Is.Zero, output);
        }

        await File.WriteAllTextAsync(_folder.File("users.sql"), $"""
            CREATE OR REPLACE USER {User} IDENTIFIED BY '{_password}';
            GRANT ALL ON *.* TO {User} WITH GRANT OPTION;
            """);
        string[] own =
        [
            string.Create(CultureInfo.InvariantCulture, $"--port={_port}"), "--bind-address=127.0.0.1", "--skip-name-resolve", $"--socket={_folder.File("socket")}", $"--pid-file={_folder.File("pid")}",
            $"--log-error={log}", $"--init-file={_folder.File("users.sql")}", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--innodb-buffer-pool-size=64M", "--userstat=1",
            // A server that starts removes the temporary tables of any other in the same folder.
            $"--tmpdir={_folder.Path}",
            .. isEncrypted ? await CertificateAsync() : [],
        ];
        _start = new ProcessStartInfo(program, [.. common, .. own]) { RedirectStandardOutput = true, RedirectStandardError = true };
        await StartAgainAsync();
    }

    private async Task<string[]> CertificateAsync()
    {
        var (certificate, key) = (_folder.File("certificate.pem"), _folder.File("key.pem"));
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var signed = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(certificate, signed.ExportCertificatePem());
        await File.WriteAllTextAsync(key, rsa.ExportRSAPrivateKeyPem());
        return [$"--ssl-cert={certificate}", $"--ssl-key={key}"];
    }

    private async Task<bool> AnswersAsync()
    {
        if (_process!.HasExited)
        {
            Assert.Fail($"MariaDB ended with {_process.ExitCode}: {await File.ReadAllTextAsync(_folder.File("log"))}");
        }

        try
        {
            await ExecuteAsync("SELECT 1");
            return true;
        }
        catch (MySqlException)
        {
            return false;
        }
    }

    /// <summary>On PATH, or where Debian puts servers and an ordinary user has no PATH to.</summary>
    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Append("/usr/local/sbin")
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}

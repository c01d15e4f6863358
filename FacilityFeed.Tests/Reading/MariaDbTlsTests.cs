using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Reading;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Reading;

/// <summary>Source:SslMode, on a server that offers TLS by a certificate that nobody trusts.</summary>
public sealed class MariaDbTlsTests
{
    private MariaDbServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = TestServers.Found(await MariaDbServer.StartAsync(isEncrypted: true));

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        // Null when the machine has no MariaDB, and all of this was skipped.
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TestCase(SourceSsl.Preferred, true)]
    [TestCase(SourceSsl.Required, true)]
    [TestCase(SourceSsl.None, false)]
    public async Task Connections_AreEncrypted_AsTheModeSays(SourceSsl ssl, bool isEncrypted)
    {
        await using var pool = Pool(ssl);

        await using var ask = pool.Database.CreateCommand("SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'");

        Assert.That(Convert.ToBoolean(await ask.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture), Is.EqualTo(isEncrypted));
    }

    [Test]
    public async Task CheckAsync_NamesTheSetting_WhenNobodyTrustsTheCertificate() => Assert.That(await RefusalAsync(SourceSsl.VerifyFull), Does.Contain("Source:SslMode is 'verify-full'"));

    [Test]
    public async Task CheckAsync_NamesTheSetting_WhenTheServerDemandsTls()
    {
        await _server.ExecuteAsync("SET GLOBAL require_secure_transport = ON");
        try
        {
            Assert.That(await RefusalAsync(SourceSsl.None), Does.Contain("Source:SslMode is 'none'"));
        }
        finally
        {
            await _server.ExecuteAsync("SET GLOBAL require_secure_transport = OFF");
        }
    }

    private async Task<string> RefusalAsync(SourceSsl ssl)
    {
        await using var pool = Pool(ssl);
        return (await Assert.ThrowsAsync<FeedRejectedException>(() => pool.For("facility").CheckAsync(CancellationToken.None)))!.Message;
    }

    private SourcePool Pool(SourceSsl ssl) => new(_server.SourceOptions("information_schema") with { Ssl = ssl });
}

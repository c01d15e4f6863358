using FacilityFeed.Tests.Support;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace FacilityFeed.Tests.Hosting;

/// <summary>What the host takes from the shipped file of settings.</summary>
public sealed class HostSettingsTests
{
    [Test]
    public async Task TheLockOfAReader_OnTheShippedSettings_KeepsNoHostFromStarting()
    {
        // As any user may who can read it (flock).
        await using var reader = new FileStream(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), FileMode.Open, FileAccess.Read, FileShare.None);

        await using var host = await TestHost.CreateAsync(Facilities.Numbered(1, 1));

        Assert.That(host.Services.GetRequiredService<IOptions<HostFilteringOptions>>().Value.AllowedHosts, Is.EqualTo(new[] { "localhost", "127.0.0.1", "[::1]" }));
        var levels = host.Services.GetRequiredService<IOptions<LoggerFilterOptions>>().Value.Rules;
        Assert.That(levels.Single(rule => rule.CategoryName == "Microsoft.AspNetCore.DataProtection" && rule.ProviderName is null).LogLevel, Is.EqualTo(LogLevel.Error));
    }
}

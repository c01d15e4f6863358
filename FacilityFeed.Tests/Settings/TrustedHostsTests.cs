namespace FacilityFeed.Tests.Settings;

/// <summary>Hosts that nobody sits between, said on purpose: that TLS is not demanded there is not warned of.</summary>
public sealed class TrustedHostsTests
{
    [TestCase("db.example.com", true)]
    [TestCase("postgres", false)]
    [TestCase("POSTGRES", false)]
    [TestCase("postgres.example.com", true)]
    [TestCase("postgres,db.example.com", true)]
    [TestCase("postgres,mysql,localhost", false)]
    public void AHost_IsOpenOnTheWay_UnlessItIsNamed(string host, bool isOpen)
    {
        var settings = Configured.With(("DB_HOST", host), ("DB_NAME", "d"), ("DB_USER", "u"), ("STATE_DB", $"Host={host};Database=d;Username=u"), ("Source:TrustedHosts", "postgres, mysql"), ("State:TrustedHosts", "postgres,mysql"));

        Assert.That((settings.Source!.IsOpenOnTheWay, settings.State.IsOpenOnTheWay), Is.EqualTo((isOpen, isOpen)));
    }

    [TestCase("postgres:5433", false)]
    [TestCase("postgres:5433,db.example.com:5433", true)]
    public void TheStatesHost_MayHaveItsPort(string host, bool isOpen) =>
        Assert.That(Configured.With(("DB_NAME", "d"), ("DB_USER", "u"), ("STATE_DB", $"Host={host};Database=d;Username=u"), ("State:TrustedHosts", "postgres")).State.IsOpenOnTheWay, Is.EqualTo(isOpen));

    [Test]
    public void WithoutIt_OnlyThisMachineIsNotOpen() =>
        Assert.That(Configured.With(("DB_HOST", "postgres"), ("DB_NAME", "d"), ("DB_USER", "u")).Source!.IsOpenOnTheWay);

    [Test]
    public void AnAddress_IsRefused_AndNotShown() =>
        Assert.That(Configured.ProblemsWith(("Source:TrustedHosts", "postgres://u:hunter2@h")), Has.One.Contains("Source:TrustedHosts").And.None.Contains("hunter2"));
}

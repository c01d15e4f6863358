using System.Net;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Storing;

/// <summary>The tests' own S3 server: a start that loses a race is made again, for it says nothing of the product.</summary>
public sealed class CephServerTests
{
    [Test]
    public async Task StartAsync_BeginsAnew_WhenAnotherClustersMonitorHasItsPort()
    {
        var other = await TestServers.CephAsync();
        var told = new List<string>();
        var attempts = new Queue<IPEndPoint>([other.Monitor, CephServer.OwnAddress()]);

        await using var server = await CephServer.StartAsync(attempts.Dequeue, told.Add);

        Assert.That(told, Has.Count.EqualTo(1).And.All.Contains($"the monitor at {other.Monitor} is of another cluster"));
        Assert.That(await server.NewBucketAsync(), Is.Not.Null);
        Assert.That(await other.NewBucketAsync(), Is.Not.Null, "the other one is as it was");
    }

    [Test]
    public async Task StartAsync_GivesUp_AndSaysWhatItMet()
    {
        var other = await TestServers.CephAsync();
        var told = new List<string>();

        Assert.That(() => CephServer.StartAsync(() => other.Monitor, told.Add), Throws.InvalidOperationException.With.Message.Contains("is of another cluster"));
        Assert.That(told, Has.Count.EqualTo(3));
    }
}

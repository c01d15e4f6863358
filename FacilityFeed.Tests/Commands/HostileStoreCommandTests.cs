using System.Text;
using FacilityFeed.Tests.Hostile;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The commands against a store that says what no terminal, log or ledger should hold, or says nothing.</summary>
public sealed class HostileStoreCommandTests
{
    // A red word, a bell, a link, a line of its own and a turn to the left.
    private const string Evil = "x&#x1b;[31mred&#7;&#x1b;]8;;http://evil&#7;&#10;2026-01-01T00:00:00Z warn fake&#x202E;gnp";
    private const string Shown = @"x\u001B[31mred\u0007\u001B]8;;http://evil\u0007 2026-01-01T00:00:00Z warn fake\u202Egnp";

    private Installation _installation = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        _installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        _installation.Settings["S3_BUCKET_NAME"] = "bucket";
        _installation.Settings["AWS_ACCESS_KEY_ID"] = "AKIA";
        _installation.Settings["AWS_SECRET_ACCESS_KEY"] = "secret";
    }

    [TearDown]
    public async Task CleanUpAsync() => await (_installation?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Test]
    public async Task WhatTheStoreSays_IsOneHarmlessLine_ForDoctorPublishAndTheLedger()
    {
        var honest = new HonestS3(Guid.Empty, []);
        // The light check before a run passes; then the shard's name is refused.
        await using var server = new HostileS3((request, connection) => connection.SendAsync(request.Method == "PUT" ? HonestS3.Error("403 Forbidden", "AccessDenied", Evil) : honest.Answer(request, isThere: false)));
        Reach(server);

        var doctor = await _installation.RunAsync("doctor");
        var published = await _installation.RunAsync("publish", "facility");

        Assert.That((doctor.ExitCode, published.ExitCode), Is.EqualTo((2, 1)), doctor.Output + published.Errors);
        Assert.That(doctor.Output, Does.Contain(Shown));
        Assert.That(published.Errors, Does.Contain(Shown));
        var reason = await _installation.State.ScalarAsync<string>("SELECT string_agg(reason, ' ') FROM feed.run");
        Assert.That(reason, Does.Contain(Shown));
        Assert.That((doctor.Output + doctor.Errors + published.Output + published.Errors + reason).Any(letter => letter is '\u202E' || (char.IsControl(letter) && letter != '\n')), Is.False);
        Assert.That(published.ErrorLines, Has.None.StartsWith("2026-01-01"));
    }

    [Test]
    public async Task CredentialsThatAreNotFound_AreNotBlamedOnTheStore()
    {
        await using var server = new HostileS3((request, connection) => connection.FallSilentAsync());
        Reach(server);
        _installation.Settings.Remove("AWS_ACCESS_KEY_ID");
        _installation.Settings.Remove("AWS_SECRET_ACCESS_KEY");
        var profile = _installation.Folder.File("aws-config");
        await File.WriteAllTextAsync(profile, "[default]\ncredential_process=/bin/false\n");
        _installation.Settings["AWS_CONFIG_FILE"] = profile;
        _installation.Settings["AWS_EC2_METADATA_DISABLED"] = "true";

        var doctor = await _installation.RunAsync("doctor");

        Assert.That(doctor.Output + doctor.Errors, Does.Contain("Stores:s3:AccessKeyId").And.Contain("give this machine a role").And.Not.Contain("cannot be understood"));
        Assert.That(doctor.ExitCode, Is.EqualTo(2));
    }

    [TestCase("verify")]
    [TestCase("doctor")]
    [TestCase("publish")]
    public async Task ATerm_EndsACommand_WhileTheStoreIsSilent(string command)
    {
        var isAsked = new TaskCompletionSource();
        await using var server = new HostileS3(async (_, connection) =>
        {
            await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n<?xml"));
            isAsked.TrySetResult();
            await connection.FallSilentAsync();
        });
        Reach(server);
        await using var run = _installation.Start(command switch { "verify" => ["verify", "s3://bucket/metadata.json"], "publish" => ["publish", "facility"], _ => [command] });
        await isAsked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        var begin = TimeProvider.System.GetTimestamp();

        var result = await run.TermAsync();

        Assert.That(result.ExitCode, Is.EqualTo(130), result.Errors);
        Assert.That(TimeProvider.System.GetElapsedTime(begin), Is.LessThan(TimeSpan.FromSeconds(20)), "the time of one request is 300 s");
    }

    private void Reach(HostileS3 server) => _installation.Settings["S3_ENDPOINT_URL"] = server.Address.GetLeftPart(UriPartial.Authority);
}

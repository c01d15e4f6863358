using System.Text.Json;
using Amazon.S3.Model;
using FacilityFeed.Infrastructure.Storing;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>The commands against a bucket, with the plain names of the service that this one replaces.</summary>
public sealed class S3CommandTests
{
    private Installation _installation = null!;
    private S3StoreOptions _bucket = null!;

    [SetUp]
    public async Task PrepareAsync()
    {
        _bucket = await (await TestServers.CephAsync()).NewBucketAsync();
        _installation = await Installation.CreateAsync(Facilities.Numbered(1, 25));
        _installation.Settings["S3_BUCKET_NAME"] = _bucket.Bucket;
        _installation.Settings["S3_PREFIX"] = "partners/google";
        _installation.Settings["S3_ENDPOINT_URL"] = _bucket.Endpoint!.GetLeftPart(UriPartial.Authority);
        _installation.Settings["AWS_ACCESS_KEY_ID"] = _bucket.AccessKeyId!;
        _installation.Settings["AWS_SECRET_ACCESS_KEY"] = _bucket.SecretAccessKey!;
        _installation.Settings["CHUNK_SIZE"] = "10";
    }

    [TearDown]
    public async Task CleanUpAsync() => await (_installation?.DisposeAsync() ?? ValueTask.CompletedTask);

    [Test]
    public async Task Publish_WritesToTheBucket_AndVerifyReadsItBack()
    {
        var published = await _installation.RunAsync("publish", "facility", "--json");

        Assert.That(published.ExitCode, Is.Zero, published.Errors);
        using var answer = JsonDocument.Parse(published.Output);
        var manifest = answer.RootElement.GetProperty("manifest").GetString()!;
        Assert.That(manifest, Does.StartWith($"s3://{_bucket.Bucket}/partners/google/reservewithgoogle.entity-").And.EndsWith(".filesetdesc.json"));
        Assert.That(Directory.Exists(_installation.StorePath), Is.False, "nothing goes to the folder");
        foreach (var name in new[] { manifest, $"s3://{_bucket.Bucket}/partners/google/metadata.json" })
        {
            var verified = await _installation.RunAsync("verify", name);
            Assert.That((verified.ExitCode, verified.Errors), Is.EqualTo((0, "")), verified.Output);
            Assert.That(verified.Output, Does.Contain("compared with run 1 in the ledger").And.Contain($"{name}: ok: 3 shards, 25 records"));
        }
    }

    [TestCase("/storage/v1/s3")]
    [TestCase("/storage/v1/s3/")]
    public async Task Publish_AndVerify_FindAServiceThatLiesUnderAPath(string path)
    {
        await using var gateway = await FaultyGateway.StartAsync(_bucket.Endpoint!, path.TrimEnd('/'));
        var open = await OpenBucketAsync();
        _installation.Settings["S3_BUCKET_NAME"] = open;
        _installation.Settings["S3_ENDPOINT_URL"] = gateway.Address.GetLeftPart(UriPartial.Authority) + path;

        var doctor = await _installation.RunAsync("doctor");
        var published = await _installation.RunAsync("publish", "facility");
        var verified = await _installation.RunAsync("verify", $"s3://{open}/partners/google/metadata.json");

        Assert.That((doctor.ExitCode, published.ExitCode, verified.ExitCode), Is.EqualTo((0, 0, 0)), doctor.Output + published.Errors + verified.Output);
        Assert.That(verified.Output, Does.Contain("ok: 3 shards, 25 records"));
        Assert.That(await _installation.State.ScalarAsync<string>("SELECT recipe FROM feed.run"), Does.EndWith($" into s3://{open}/partners/google/ at {gateway.Address.GetLeftPart(UriPartial.Authority)}/storage/v1/s3"));
    }

    [Test]
    public async Task Doctor_NamesTheEndpoint_WhenItsPathIsWrong()
    {
        await using var gateway = await FaultyGateway.StartAsync(_bucket.Endpoint!, "/storage/v1/s3");
        _installation.Settings["S3_ENDPOINT_URL"] = $"{gateway.Address.GetLeftPart(UriPartial.Authority)}/storage/v2/s3";

        var result = await _installation.RunAsync("doctor");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Output, Does.Contain("S3_ENDPOINT_URL (Stores:s3:Endpoint)"));
    }

    [Test]
    public async Task Diff_ReadsBothRunsFromTheBucket()
    {
        await _installation.RunAsync("publish", "facility");
        await _installation.Source.ExecuteAsync("DELETE FROM facility WHERE id = 7");
        await _installation.RunAsync("publish", "facility");

        var result = await _installation.RunAsync("diff", "2");

        Assert.That((result.ExitCode, result.Output), Is.EqualTo((0, "run 2 (published) against run 1 (published): 0 added, 1 removed, 0 changed, 24 the same\n- 7 Studio 7\n")), result.Errors);
    }

    [Test]
    public async Task Verify_FindsAShardThatWasChanged()
    {
        await _installation.RunAsync("publish", "facility");
        using var connection = new S3Connection(_bucket with { Prefix = "partners/google/" });
        var store = new S3FeedStore(connection, "", Guid.Empty, _installation.Folder.Path);
        var shard = "";
        await foreach (var name in store.ListAsync("reservewithgoogle.entity-", CancellationToken.None))
        {
            shard = name.EndsWith("_0002.json.gz", StringComparison.Ordinal) ? name : shard;
        }

        await store.DeleteAsync(shard, CancellationToken.None);
        var missing = await _installation.RunAsync("verify", $"s3://{_bucket.Bucket}/partners/google/metadata.json");
        await store.ReplaceAsync(shard, Domain.Writing.ObjectContent.Of([1, 2, 3]), CancellationToken.None);
        var changed = await _installation.RunAsync("verify", $"s3://{_bucket.Bucket}/partners/google/metadata.json", "--json");

        Assert.That((missing.ExitCode, changed.ExitCode), Is.EqualTo((1, 1)));
        Assert.That(missing.Output, Does.Contain($"{shard} is listed, but it is not in the store"));
        Assert.That(changed.Output, Does.Contain($"{shard} has 3 bytes").And.Contain("\"shard_length_differs\"").And.Contain("\"gzip_cut_off\"").And.Contain("\"result\":\"not ok\""));
    }

    [TestCase("s3://")]
    [TestCase("s3://bucket")]
    [TestCase("s3://bucket/folder/")]
    public async Task Verify_SaysHowAnObjectIsNamed(string address)
    {
        var result = await _installation.RunAsync("verify", address);

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.Errors, Does.Contain("names no object: write s3://bucket/prefix/metadata.json"));
    }

    [Test]
    public async Task Publish_IsRefused_BeforeARunIsWrittenDown_WhenTheSecretIsWrong()
    {
        _installation.Settings["AWS_SECRET_ACCESS_KEY"] = "hunter2";

        var result = await _installation.RunAsync("publish", "facility", "--json");

        Assert.That((result.ExitCode, result.Output, result.ErrorLines.Count), Is.EqualTo((2, "", 1)), result.Errors);
        Assert.That(result.Errors, Does.Contain("AWS_SECRET_ACCESS_KEY (Stores:s3:SecretAccessKey)").And.Not.Contain("hunter2"));
        Assert.That(await _installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero);
    }

    /// <summary>A bucket in which everybody may do everything.</summary>
    private static async Task<string> OpenBucketAsync()
    {
        var open = await (await TestServers.CephAsync()).NewBucketAsync();
        using var connection = new S3Connection(open);
        await connection.Client.PutBucketPolicyAsync(new PutBucketPolicyRequest
        {
            BucketName = open.Bucket,
            Policy = $$"""{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{{open.Bucket}}","arn:aws:s3:::{{open.Bucket}}/*"]}]}""",
        });
        return open.Bucket;
    }
}

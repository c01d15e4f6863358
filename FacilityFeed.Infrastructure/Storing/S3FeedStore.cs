using Amazon.S3;
using Amazon.S3.Model;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>A bucket. An S3 object appears whole or not at all; what is stored is looked at again after each put.</summary>
/// <param name="connection">The store's one client.</param>
/// <param name="prefix">The feed's own prefix, after the store's.</param>
/// <param name="installation">Whose objects these are; kept beside each of them.</param>
/// <param name="spoolFolder">Where an object too large for memory lies while it is read.</param>
/// <param name="feed">Key of the feed, for messages about its settings.</param>
public sealed class S3FeedStore(S3Connection connection, string prefix, Guid installation, string spoolFolder, string feed = PlainNames.DefaultFeed) : IFeedStore
{
    private readonly S3StoreOptions _options = connection.Options;
    private readonly S3Upload _upload = new(connection.Client, connection.Options);
    private readonly S3Proof _proof = new(connection, installation, feed);

    public string Locate(string name) => $"s3://{_options.Bucket}/{Folder}{name}";

    public TimeSpan? ClockSkew => connection.ClockSkew;

    /// <summary>
    /// An upload in parts, begun and given up: it needs every right that a put needs, and nothing of it is ever visible. Then a look
    /// at the alias, which need not be there, and at a list: without the right to list, S3 calls a missing object forbidden.
    /// </summary>
    public Task CheckAsync(CancellationToken cancellationToken) => GuardAsync("written to", "", async token =>
    {
        var key = Key($".check-{installation:N}");
        var uploadId = await _upload.BeginAsync(key, "application/json", new Dictionary<string, string>(), token);
        await _upload.AbortAsync(key, uploadId);
        await _proof.FindAsync(Key(ObjectNames.Alias), token);
        await connection.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _options.Bucket, Prefix = key, MaxKeys = 1 }, token);
        return true;
    }, cancellationToken);

    /// <summary>
    /// Where the provider is known to create exclusively, the objects themselves are the claim. Elsewhere each installation first
    /// leaves a mark of its own and then looks for others: whichever looks last sees both, for S3 lists what was written before.
    /// </summary>
    public async Task ClaimAsync(string start, CancellationToken cancellationToken)
    {
        if (!NeedsClaim)
        {
            return;
        }

        var mark = ObjectNames.Claim(start, installation);
        await ReplaceAsync(mark, ObjectContent.Of([]), cancellationToken);
        try
        {
            await foreach (var other in ListAsync(ObjectNames.ClaimStart(start), cancellationToken))
            {
                if (other != mark)
                {
                    throw _proof.AnotherInstallation($"{Locate(start)} is claimed by {ForeignText.InOneLine(other)}");
                }
            }
        }
        catch
        {
            await TryDeleteAsync(mark);
            throw;
        }
    }

    public Task ReleaseAsync(string start, CancellationToken cancellationToken) =>
        NeedsClaim ? DeleteAsync(ObjectNames.Claim(start, installation), cancellationToken) : Task.CompletedTask;

    // What a setting says of a provider may be true of puts and not of uploads in parts.
    private bool NeedsClaim => !S3Preset.Of(_options.Provider).CreatesExclusively;

    public Task<StoredObject> CreateAsync(string name, ObjectContent content, CancellationToken cancellationToken) => GuardAsync("stored", name, async token =>
    {
        if (NeedsClaim && await _proof.FindAsync(Key(name), token) is { } there)
        {
            return _proof.Recognise(name, Locate(name), content, there);
        }

        string expectedTag;
        try
        {
            expectedTag = await _upload.SendAsync(Key(name), content, Metadata(content), isNew: true, token);
        }
        catch (Exception failure) when (MayHaveArrived(failure, cancellationToken))
        {
            // The answer was lost, or said that the name is taken: by us, a moment ago, or by somebody else.
            // When that cannot be looked at, a name that is taken stays a question, and any other failure is itself the news.
            if (await (IsTaken(failure) ? _proof.FindAsync(Key(name), token) : TryFindAsync(name, token)) is { } arrived)
            {
                return _proof.Recognise(name, Locate(name), content, arrived);
            }

            throw;
        }

        return await _proof.ProveAsync(name, Key(name), Locate(name), content, expectedTag, token);
    }, cancellationToken);

    public Task ReplaceAsync(string name, ObjectContent content, CancellationToken cancellationToken) => GuardAsync("replaced", name, async token =>
    {
        var expectedTag = await _upload.SendAsync(Key(name), content, Metadata(content), isNew: false, token);
        return await _proof.ProveAsync(name, Key(name), Locate(name), content, expectedTag, token);
    }, cancellationToken);

    public Task<bool> HoldsAsync(StoredObject expected, CancellationToken cancellationToken) => GuardAsync("looked at", expected.Name, async token =>
        await _proof.FindAsync(Key(expected.Name), token) is { } stored && stored.ContentLength == expected.Bytes && (expected.ETag is null || stored.ETag == expected.ETag)
            && _proof.IsOurs(Locate(expected.Name), stored), cancellationToken);

    public Task<Stream?> OpenReadAsync(string name, CancellationToken cancellationToken) =>
        OpenReadAsync(name, name == ObjectNames.Alias || name.EndsWith(ObjectNames.ManifestEnding, StringComparison.Ordinal) ? S3Limits.ManifestBytes : S3Limits.ObjectBytes, cancellationToken);

    public Task<Stream?> OpenReadAsync(string name, long most, CancellationToken cancellationToken) => GuardAsync("read", name, async token =>
    {
        try
        {
            using var response = await connection.Client.GetObjectAsync(_options.Bucket, Key(name), token);
            return (Stream?)await S3Download.SpoolAsync(response, Locate(name), most, spoolFolder, _options.RequestTimeout, token);
        }
        catch (AmazonS3Exception missing) when (S3Failure.IsMissingObject(missing))
        {
            return null;
        }
    }, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string start, CancellationToken cancellationToken)
    {
        var list = new S3List(connection.Client, _options.Bucket, Folder, Folder + start);
        return list.ReadAsync(token => GuardAsync("listed", start, list.NextPageAsync, token), cancellationToken);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => GuardAsync("removed", name, async token =>
    {
        try
        {
            await connection.Client.DeleteObjectAsync(_options.Bucket, Key(name), token);
        }
        catch (AmazonS3Exception missing) when (S3Failure.IsMissingObject(missing))
        {
            // Some providers say so; nothing is what was wanted.
        }

        return true;
    }, cancellationToken);

    /// <summary>What is there after a put that failed. Where that cannot be said either, the put's own failure is the news.</summary>
    private async Task<GetObjectMetadataResponse?> TryFindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _proof.FindAsync(Key(name), cancellationToken);
        }
        catch (Exception failure) when (S3Failure.IsOne(failure) && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private string Folder => _options.Prefix + prefix;

    private string Key(string name) => Folder + ObjectNames.Inside(name);

    private Dictionary<string, string> Metadata(ObjectContent content) => new(content.Metadata)
    {
        [S3Proof.Sha256] = content.Sha256,
        [S3Proof.Installation] = installation.ToString("N"),
    };

    private static bool MayHaveArrived(Exception failure, CancellationToken cancellationToken) =>
        !cancellationToken.IsCancellationRequested && (failure is AmazonS3Exception answer ? IsTaken(answer) || answer.ErrorCode == "NoSuchUpload" || (int)answer.StatusCode is 0 or 404 or >= 500 : S3Failure.IsOne(failure));

    private static bool IsTaken(Exception failure) => failure is AmazonS3Exception answer && S3Failure.IsTaken(answer);

    /// <summary>Takes a mark back that is of no use; what made it so is the news.</summary>
    private async Task TryDeleteAsync(string name)
    {
        using var time = new CancellationTokenSource(S3Upload.CleanUp);
        try
        {
            await DeleteAsync(name, time.Token);
        }
        catch (Exception failure) when (failure is FeedException or OperationCanceledException)
        {
            // A mark that stays keeps nobody from another second.
        }
    }

    /// <summary>Gives <paramref name="work"/> the caller's token, and sorts what it throws; a cancellation by the caller stays one.</summary>
    private async Task<T> GuardAsync<T>(string what, string name, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(cancellationToken);
        }
        catch (Exception failure) when (S3Failure.IsOne(failure))
        {
            // Whatever the SDK makes of it: a job that is told to stop must say so and nothing else.
            cancellationToken.ThrowIfCancellationRequested();
            throw S3Failure.Sort(failure, connection, $"{Locate(name)} cannot be {what}", feed);
        }
    }
}

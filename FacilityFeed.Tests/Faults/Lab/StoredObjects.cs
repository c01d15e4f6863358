using Amazon.S3;
using FacilityFeed.Infrastructure.Storing;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>What a store holds, read without the service's own code.</summary>
internal abstract class StoredObjects
{
    public abstract Task<IReadOnlyList<string>> ListAsync();

    /// <returns>Null when there is no such object.</returns>
    public abstract Task<byte[]?> ReadAsync(string name);

    public static StoredObjects In(string folder) => new InFolder(folder);

    public static StoredObjects In(S3StoreOptions bucket) => new InBucket(bucket);

    private sealed class InFolder(string folder) : StoredObjects
    {
        public override Task<IReadOnlyList<string>> ListAsync() => Task.FromResult<IReadOnlyList<string>>(
            Directory.Exists(folder) ? [.. Directory.GetFiles(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.'))] : []);

        public override async Task<byte[]?> ReadAsync(string name) =>
            File.Exists(Path.Combine(folder, name)) ? await File.ReadAllBytesAsync(Path.Combine(folder, name)) : null;
    }

    private sealed class InBucket(S3StoreOptions bucket) : StoredObjects
    {
        public override async Task<IReadOnlyList<string>> ListAsync()
        {
            using var connection = new S3Connection(bucket);
            var names = new List<string>();
            await foreach (var stored in connection.Client.Paginators.ListObjectsV2(new Amazon.S3.Model.ListObjectsV2Request { BucketName = bucket.Bucket }).S3Objects)
            {
                names.Add(stored.Key);
            }

            return names;
        }

        public override async Task<byte[]?> ReadAsync(string name)
        {
            using var connection = new S3Connection(bucket);
            try
            {
                using var answer = await connection.Client.GetObjectAsync(bucket.Bucket, name);
                using var bytes = new MemoryStream();
                await answer.ResponseStream.CopyToAsync(bytes);
                return bytes.ToArray();
            }
            catch (AmazonS3Exception missing) when (missing.StatusCode == System.Net.HttpStatusCode.NotFound)
            {
                return null;
            }
        }
    }
}

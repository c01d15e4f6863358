using System.Runtime.CompilerServices;
using System.Text;
using Amazon.S3;
using Amazon.S3.Model;
using FacilityFeed.Domain;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>One list of keys, page by page. A store may never come to its end, or tell of what was not asked for.</summary>
/// <param name="client">The store's client.</param>
/// <param name="bucket">The bucket.</param>
/// <param name="folder">What the names that are given back do not have of their keys.</param>
/// <param name="start">How all keys begin; begins with <paramref name="folder"/>.</param>
internal sealed class S3List(IAmazonS3 client, string bucket, string folder, string start)
{
    private readonly HashSet<string> _tokens = new(StringComparer.Ordinal);
    private string? _token;
    private int _empty;
    private int _names;
    private bool _isOver;

    /// <summary>The names, in the order of the store.</summary>
    /// <param name="readPage">Calls <see cref="NextPageAsync"/>, and sorts what it throws.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async IAsyncEnumerable<string> ReadAsync(Func<CancellationToken, Task<IReadOnlyList<string>>> readPage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (!_isOver)
        {
            foreach (var name in await readPage(cancellationToken))
            {
                yield return name;
            }
        }
    }

    /// <summary>The names of the next page.</summary>
    /// <exception cref="S3AnswerException">It is no page of this list.</exception>
    public async Task<IReadOnlyList<string>> NextPageAsync(CancellationToken cancellationToken)
    {
        var page = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = start, Delimiter = "/", ContinuationToken = _token }, cancellationToken);
        var names = (page.S3Objects ?? []).ConvertAll(stored => NameOf(stored.Key));
        _names += names.Count;
        // Folders below this one are no names here, but a page of them is not empty.
        _empty = names.Count + (page.CommonPrefixes?.Count ?? 0) == 0 ? _empty + 1 : 0;
        _isOver = page.IsTruncated != true;
        if (!_isOver)
        {
            GoOn(page.NextContinuationToken);
        }

        return names;
    }

    private string NameOf(string? key)
    {
        if (key is null || !key.StartsWith(start, StringComparison.Ordinal) || Encoding.UTF8.GetByteCount(key) > S3Limits.KeyBytes)
        {
            throw Strange($"a list with the key '{ShownValue.Of(key ?? "")}', though it was asked for keys that begin with '{start}'");
        }

        return key[folder.Length..];
    }

    private void GoOn(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            throw Strange("a list that goes on without saying where");
        }

        if (token.Length > S3Limits.TokenLength)
        {
            throw Strange($"a list that goes on at a word of {token.Length:N0} letters");
        }

        if (!_tokens.Add(token))
        {
            throw Strange("a list that goes on where it has been before");
        }

        if (_empty > S3Limits.EmptyPages || _tokens.Count >= S3Limits.Pages || _names > S3Limits.Names)
        {
            throw Strange($"a list that does not end: {_tokens.Count:N0} pages with {_names:N0} keys so far, the last {_empty:N0} with nothing");
        }

        _token = token;
    }

    private static S3AnswerException Strange(string what) => new(S3Fault.Strange, what);
}

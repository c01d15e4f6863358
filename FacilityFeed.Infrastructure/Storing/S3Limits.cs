namespace FacilityFeed.Infrastructure.Storing;

/// <summary>How much is taken from a store, however much it sends. No honest answer is near these.</summary>
internal static class S3Limits
{
    /// <summary>Most bytes of an answer that is no object and no list: S3's own errors and answers have a few hundred.</summary>
    public const int AnswerBytes = 1024 * 1024;

    /// <summary>Most bytes of one page of a list: a thousand keys of 1,024 bytes each, all escaped, with all that is said of them, have 8 MiB.</summary>
    public const int PageBytes = 16 * 1024 * 1024;

    /// <summary>Most elements of an answer: a thousand objects with ten facts and two owners each have about 20,000. An element costs more memory here than on its way.</summary>
    public const int Elements = 100_000;

    /// <summary>Deepest element: S3's own are five deep, and the SDK walks the whole path at each of them.</summary>
    public const int Depth = 32;

    /// <summary>Most attributes of one element: S3's own have two.</summary>
    public const int Attributes = 32;

    /// <summary>Most pages of one list; a page has a thousand keys, and a run at most some thousands.</summary>
    public const int Pages = 1000;

    /// <summary>Most pages in a row without a key or a folder: some stores look through a part of a bucket at a time, and say so with an empty page.</summary>
    public const int EmptyPages = 20;

    /// <summary>Most names in one list: some callers keep them all.</summary>
    public const int Names = 200_000;

    /// <summary>The longest key that S3 has, in UTF-8 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).</summary>
    public const int KeyBytes = 1024;

    /// <summary>Longest tag of an object's bytes or name of an upload: honest ones have about a hundred letters.</summary>
    public const int TagLength = 1024;

    /// <summary>Longest word by which a list says where it goes on: some stores give the last key, escaped. All of a list are kept.</summary>
    public const int TokenLength = 8 * KeyBytes;

    /// <summary>Most bytes of a manifest or alias: 2,000 shards with names of 150 letters have 300 KiB.</summary>
    public const int ManifestBytes = 4 * 1024 * 1024;

    /// <summary>Most bytes of an object whose length nobody has recorded: S3's largest put in one request, far above the partner's largest shard.</summary>
    public const long ObjectBytes = 5L * 1024 * 1024 * 1024;

    /// <summary>
    /// A body that comes slower than half a megabit a second is given up, after the time of one request: 200 MB may take fifty minutes,
    /// and a byte a second no longer than silence.
    /// </summary>
    public const int LeastBytesPerSecond = 64 * 1024;
}

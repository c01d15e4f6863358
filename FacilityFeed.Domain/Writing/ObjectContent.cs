using System.Security.Cryptography;

namespace FacilityFeed.Domain.Writing;

/// <summary>The bytes of one object before they are stored, and what is said about them.</summary>
/// <param name="OpenRead">Opens the bytes from their start; may be called again, for another try.</param>
/// <param name="Bytes">Their number.</param>
/// <param name="Sha256">Their SHA-256, lower-case hex.</param>
public sealed record ObjectContent(Func<Stream> OpenRead, long Bytes, string Sha256)
{
    /// <summary>Media type, for stores that keep one. Gzip is a type here, never a <c>Content-Encoding</c>: clients would unpack it on the way.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Further facts, for stores that keep them beside an object: ASCII names in lower case, ASCII values.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Content that is in memory already.</summary>
    public static ObjectContent Of(byte[] bytes) =>
        new(() => new MemoryStream(bytes, writable: false), bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
}

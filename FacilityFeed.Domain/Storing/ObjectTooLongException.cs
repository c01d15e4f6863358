namespace FacilityFeed.Domain.Storing;

/// <summary>An object is longer than it can be; nothing of it was read.</summary>
/// <param name="address">Address of the object.</param>
/// <param name="bytes">The length that its store tells.</param>
/// <param name="most">The length that it may have.</param>
public sealed class ObjectTooLongException(string address, long bytes, long most)
    : FeedException($"{address} has {Counted.Of(bytes, "byte")}, but can have no more than {most:N0}, so it was not read. Look at what was put there")
{
    /// <summary>The length that its store tells.</summary>
    public long Bytes => bytes;
}

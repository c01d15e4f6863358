namespace FacilityFeed.Infrastructure.Storing;

/// <summary>What is wrong with an answer that came.</summary>
internal enum S3Fault
{
    /// <summary>It is none that S3 gives: too large, no XML, without what it must have.</summary>
    Strange,

    /// <summary>It came too slowly, or stopped.</summary>
    Slow,

    /// <summary>It sends us to another address.</summary>
    Elsewhere,
}

/// <summary>
/// An answer of a store that is not used. Neither an <see cref="IOException"/> nor any other that the SDK takes for a reason to ask again
/// or wraps; <see cref="S3Failure"/> sorts it.
/// </summary>
/// <param name="fault">What is wrong.</param>
/// <param name="message">What was answered, in words that stand in the middle of a message; what the store said of it made fit to be shown.</param>
/// <param name="inner">The cause.</param>
internal sealed class S3AnswerException(S3Fault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public S3Fault Fault => fault;
}

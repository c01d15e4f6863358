namespace FacilityFeed.Domain.Publishing;

/// <summary>What a store holds is not what a feed must look like. Reading it again cannot help.</summary>
/// <param name="code">Which rule it breaks, in snake case, as in <c>gzip_second_member</c>.</param>
/// <param name="message">What is wrong, one line.</param>
/// <param name="inner">The cause, kept for the log.</param>
public sealed class FeedFormatException(string code, string message, Exception? inner = null) : FormatException(message, inner)
{
    /// <summary>Which rule it breaks, in snake case, as in <c>gzip_second_member</c>.</summary>
    public string Code { get; } = code;
}

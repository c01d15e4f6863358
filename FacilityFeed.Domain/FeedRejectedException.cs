namespace FacilityFeed.Domain;

/// <summary>Something is wrong that trying again cannot mend: credentials, a missing table, a bad setting.</summary>
/// <param name="message">One line that says what, which, and what to do. Never a secret.</param>
/// <param name="inner">The cause, kept for the log.</param>
public sealed class FeedRejectedException(string message, Exception? inner = null) : FeedException(message, inner);

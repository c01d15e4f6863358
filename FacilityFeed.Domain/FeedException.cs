namespace FacilityFeed.Domain;

// No PostgreSQL text holds a NUL, and a reason that cannot be stored ends no run.
/// <summary>Something the feed needs did not work; trying again may help (a time-out, a server that is away).</summary>
/// <param name="message">One line that says what, which, and what to do. Never a secret.</param>
/// <param name="inner">The cause, kept for the log.</param>
public class FeedException(string message, Exception? inner = null) : Exception(message.Replace("\0", "\\u0000", StringComparison.Ordinal), inner);

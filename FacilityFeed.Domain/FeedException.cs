namespace FacilityFeed.Domain;

// Whatever foreign text the message was made with, a job's argument for one, it stays one harmless line; nor does PostgreSQL store a NUL, and
// a reason that cannot be stored ends no run.
/// <summary>Something the feed needs did not work; trying again may help (a time-out, a server that is away).</summary>
/// <param name="message">One line that says what, which, and what to do. Never a secret.</param>
/// <param name="inner">The cause, kept for the log.</param>
public class FeedException(string message, Exception? inner = null) : Exception(ShownValue.Of(message.ReplaceLineEndings(" "), int.MaxValue), ForeignException.Harmless(inner));

using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What goes wrong between us and a source database, in the same words for every engine.</summary>
internal static class SourceTrouble
{
    public const string CorrectValue = $"{NamedRow.Remedy} in the source";

    // The sample's: nobody has set its host.
    private const string Restarted = "It is in the embedded PostgreSQL of this installation, which is starting, or is started again within seconds";

    // A server that demands TLS may call an unencrypted user unknown.
    public static string CheckUser(SourceOptions source) =>
        $"DB_USER (Source:User) is '{source.User}': check it and DB_PASSWORD (Source:Password){(source.Ssl == SourceSsl.None ? $"; or the server wants TLS, and {Mode(source)}" : "")}";

    public static string CheckDatabase(SourceOptions source) => $"DB_NAME (Source:Database) is '{source.Database}': name a database that exists";

    public static string CheckTable(SourceOptions source) => $"Check {source.FeedSetting("Table")} and the table's columns";

    public static string LetRead(string user) => $"Let the user read: GRANT SELECT ON ... TO {user}";

    /// <param name="source">The database that was asked.</param>
    /// <param name="what">What was being done, for example <c>reading public.facility for run 12 chunk 7</c>.</param>
    /// <param name="answer">The database's own words.</param>
    /// <param name="remedy">What a person can do about it.</param>
    /// <param name="cause">What was thrown.</param>
    public static FeedRejectedException Refused(SourceOptions source, string what, string answer, string remedy, Exception cause) =>
        new($"{source.Where} refused {what}: {answer}. {remedy}", cause);

    public static FeedException Failed(SourceOptions source, string what, string answer, Exception cause) => new($"{source.Where} failed {what}: {answer}", cause);

    public static FeedException TooSlow(SourceOptions source, string what, string answer, Exception cause) =>
        new($"{source.Where} gave up {what}: {answer}. Raise Source:StatementTimeoutSeconds, or lower {source.FeedSetting("ChunkSize")}", cause);

    public static FeedException NoAnswer(SourceOptions source, string what, Exception cause) =>
        new($"{source.Where} did not answer while {what} ({Reason(cause)}). {(source.IsScramOnly ? Restarted : "Check that it runs and that DB_HOST (Source:Host) and DB_PORT (Source:Port) are right")}", cause);

    /// <summary>It kept sending, or it would have been no answer.</summary>
    public static FeedException NoEnd(SourceOptions source, string what, OverdueException cause) =>
        new($"{source.Where} came to no end {what} within {cause.Limit.TotalSeconds:0.#} s, which is the limit for all of it. See what it does there; if it only needs longer, raise Source:StatementTimeoutSeconds", cause);

    public static FeedException TooManyRows(SourceOptions source, string what, long counted) =>
        new($"{source.Where} sent more rows {what} than the {Counted.Of(counted, "row")} it counts there in the same snapshot. Nothing was stored, and the chunk is tried again; see whether a view's answer differs each time");

    public static FeedException Garbled(SourceOptions source, string what, Exception cause) =>
        new($"{source.Where} answered {what} with what is not understood ({cause.GetType().Name}: {ForeignText.InOneLine(cause.Message)}). {(source.IsScramOnly ? Restarted : "Check that DB_HOST (Source:Host) and DB_PORT (Source:Port) name such a server, and that nothing on the way changes what it sends")}", cause);

    public static FeedRejectedException ClearTextRefused(SourceOptions source, Exception cause) =>
        new($"{source.Where} asks for the password of DB_USER (Source:User) '{source.User}' in clear text, and it was not sent, for whoever answers there or is on the way could read it. {(source.Engine == SourceEngine.MySql
            ? "Set Source:SslMode to verify-full, or give the user another authentication plugin"
            : $"Let the server use scram-sha-256; or, where it must be clear text (LDAP, PAM), set Source:SslMode to verify-full (or required), or {ClearText.Setting} to true")}", cause);

    public static FeedRejectedException NoEncryption(SourceOptions source, Exception cause) =>
        new($"{source.Where} was not connected to ({Reason(cause)}): {Mode(source)}. Choose another, or set up the server's TLS", cause);

    private static string Mode(SourceOptions source) => $"Source:SslMode is '{(source.Ssl == SourceSsl.VerifyFull ? "verify-full" : source.Ssl.ToString().ToLowerInvariant())}'";

    private static string Reason(Exception failure) => ForeignText.InOneLine((failure.InnerException ?? failure).Message);
}

using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What goes wrong between us and a source database, in the same words for every engine.</summary>
internal static class SourceTrouble
{
    public const string CheckTable = "Check Table (Feeds:FEED:Table) and the table's columns";

    public const string CorrectValue = $"{NamedRow.Remedy} in the source";

    // A server that demands TLS may call an unencrypted user unknown.
    public static string CheckUser(SourceOptions source) =>
        $"DB_USER (Source:User) is '{source.User}': check it and DB_PASSWORD (Source:Password){(source.Ssl == SourceSsl.None ? $"; or the server wants TLS, and {Mode(source)}" : "")}";

    public static string CheckDatabase(SourceOptions source) => $"DB_NAME (Source:Database) is '{source.Database}': name a database that exists";

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
        new($"{source.Where} gave up {what}: {answer}. Raise Source:StatementTimeoutSeconds, or lower CHUNK_SIZE (Feeds:...:ChunkSize)", cause);

    public static FeedException NoAnswer(SourceOptions source, string what, Exception cause) =>
        new($"{source.Where} did not answer while {what} ({Reason(cause)}). Check that it runs and that DB_HOST (Source:Host) and DB_PORT (Source:Port) are right", cause);

    public static FeedRejectedException NoEncryption(SourceOptions source, Exception cause) =>
        new($"{source.Where} was not connected to ({Reason(cause)}): {Mode(source)}. Choose another, or set up the server's TLS", cause);

    private static string Mode(SourceOptions source) => $"Source:SslMode is '{(source.Ssl == SourceSsl.VerifyFull ? "verify-full" : source.Ssl.ToString().ToLowerInvariant())}'";

    private static string Reason(Exception failure) => (failure.InnerException ?? failure).Message.ReplaceLineEndings(" ");
}

using System.Net.Sockets;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Sorts what PostgreSQL and its driver throw into what a retry may mend and what it cannot, each with its remedy.</summary>
internal static class PostgresFailure
{
    public static bool IsOne(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException or IOException;

    /// <param name="failure">What was thrown.</param>
    /// <param name="source">The database that was asked.</param>
    /// <param name="what">What was being done, for example <c>reading public.facility for run 12 chunk 7</c>.</param>
    public static FeedException Sort(Exception failure, SourceOptions source, string what) => failure switch
    {
        PostgresException answer => SortAnswer(answer, source, what),
        _ when IsPasswordMissing(failure) => new FeedRejectedException($"{source.Where} asks for the password of DB_USER (Source:User) '{source.User}': set DB_PASSWORD (Source:Password)", failure),
        _ => new FeedException($"{source.Where} did not answer while {what} ({Reason(failure)}). Check that it runs and that DB_HOST (Source:Host) and DB_PORT (Source:Port) are right", failure),
    };

    // The driver itself says so, before it asks the server, and has no code for it.
    public static bool IsPasswordMissing(Exception failure) =>
        failure is NpgsqlException and not PostgresException && failure.Message.StartsWith("No password has been provided", StringComparison.Ordinal);

    private static FeedException SortAnswer(PostgresException answer, SourceOptions source, string what)
    {
        FeedRejectedException Rejected(string remedy) => new($"{source.Where} refused {what}: {answer.MessageText}. {remedy}", answer);

        return answer.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                Rejected($"DB_USER (Source:User) is '{source.User}': check it and DB_PASSWORD (Source:Password)"),
            PostgresErrorCodes.InvalidCatalogName => Rejected($"DB_NAME (Source:Database) is '{source.Database}': name a database that exists"),
            PostgresErrorCodes.InsufficientPrivilege => Rejected($"Let the user read: GRANT SELECT ON ... TO \"{source.User}\""),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName =>
                Rejected("Check Table (Feeds:FEED:Table) and the table's columns"),
            PostgresErrorCodes.QueryCanceled => new FeedException($"{source.Where} gave up {what}: {answer.MessageText}. Raise Source:StatementTimeoutSeconds, or lower CHUNK_SIZE (Feeds:...:ChunkSize)", answer),
            // Class 22: a value that is not what its column promises, for example text in latitude.
            { Length: 5 } data when data.StartsWith("22", StringComparison.Ordinal) => Rejected("Correct that value in the source"),
            _ => answer.IsTransient || !IsPermanent(answer.SqlState)
                ? new FeedException($"{source.Where} failed {what}: {answer.MessageText} (SQLSTATE {answer.SqlState})", answer)
                : Rejected($"SQLSTATE {answer.SqlState}"),
        };
    }

    // 0A feature not supported, 28 authorization, 3D and 3F names, 42 syntax or access rule.
    private static bool IsPermanent(string state) => state[..2] is "0A" or "28" or "3D" or "3F" or "42";

    private static string Reason(Exception failure) => (failure.InnerException ?? failure).Message.ReplaceLineEndings(" ");
}

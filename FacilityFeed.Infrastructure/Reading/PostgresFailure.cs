using System.Net.Sockets;
using System.Security.Authentication;
using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Sorts what PostgreSQL and its driver throw into what a retry may mend and what it cannot, each with its remedy.</summary>
internal static class PostgresFailure
{
    /// <summary>Whether the server or the way to it is the cause: also of whatever its driver throws over bytes that are no answer.</summary>
    public static bool IsOne(Exception exception) => IsKnown(exception) || exception is UnreadableAnswerException || DriverFault.IsOf(typeof(NpgsqlException).Assembly, exception);

    public static FeedException Sort(Exception failure, SourceOptions source, string what) => failure switch
    {
        PostgresException answer => SortAnswer(answer, source, what),
        OverdueException late => SourceTrouble.NoEnd(source, what, late),
        _ when IsClearTextRefused(failure) => SourceTrouble.ClearTextRefused(source, failure),
        _ when IsEncryptionRefused(failure) => SourceTrouble.NoEncryption(source, failure),
        _ when IsPasswordMissing(failure) => new FeedRejectedException($"{source.Where} asks for the password of DB_USER (Source:User) '{source.User}': set DB_PASSWORD (Source:Password)", failure),
        _ when !IsKnown(failure) => SourceTrouble.Garbled(source, what, failure),
        _ => SourceTrouble.NoAnswer(source, what, failure),
    };

    // Classes 22 data exception, 23 constraint, 38 and 39 what a function met, P0 what it raised itself, XX corrupted data.
    public static bool IsOfAValue(Exception failure) => failure is PostgresException { SqlState: var state } && ClassOf(state) is "22" or "23" or "38" or "39" or "P0" or "XX";

    // The driver itself says so, before it asks the server, and has no code for it.
    public static bool IsPasswordMissing(Exception failure) =>
        failure is NpgsqlException and not PostgresException && failure.Message.StartsWith("No password has been provided", StringComparison.Ordinal);

    /// <summary>The driver was told to send no password that can be read on the way, and the server asks for one.</summary>
    public static bool IsClearTextRefused(Exception failure) =>
        failure is NpgsqlException and not PostgresException && failure.Message.StartsWith("\"Password\" authentication method is not allowed", StringComparison.Ordinal);

    /// <summary>The first two letters of an SQLSTATE, which a broken server may send shorter; empty then.</summary>
    public static string ClassOf(string state) => state.Length < 2 ? "" : state[..2];

    private static bool IsKnown(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException or IOException;

    // Neither has the driver a code for a server that cannot encrypt.
    private static bool IsEncryptionRefused(Exception failure) =>
        failure.InnerException is AuthenticationException || (failure is NpgsqlException && failure.Message.StartsWith("SSL connection requested", StringComparison.Ordinal));

    private static FeedException SortAnswer(PostgresException answer, SourceOptions source, string what)
    {
        var said = ForeignText.InOneLine(answer.MessageText);
        var state = ForeignText.InOneLine(answer.SqlState);

        FeedRejectedException Rejected(string remedy) => SourceTrouble.Refused(source, what, said, remedy, answer);

        return answer.SqlState switch
        {
            PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
                Rejected(SourceTrouble.CheckUser(source)),
            PostgresErrorCodes.InvalidCatalogName => Rejected(SourceTrouble.CheckDatabase(source)),
            PostgresErrorCodes.InsufficientPrivilege => Rejected(SourceTrouble.LetRead($"\"{source.User}\"")),
            PostgresErrorCodes.UndefinedTable or PostgresErrorCodes.UndefinedColumn or PostgresErrorCodes.InvalidSchemaName =>
                Rejected(SourceTrouble.CheckTable(source)),
            PostgresErrorCodes.QueryCanceled => SourceTrouble.TooSlow(source, what, said, answer),
            // Class 22: a value that is not what its column promises, for example text in latitude.
            { Length: 5 } data when data.StartsWith("22", StringComparison.Ordinal) => Rejected(SourceTrouble.CorrectValue),
            _ => answer.IsTransient || !IsPermanent(answer.SqlState)
                ? SourceTrouble.Failed(source, what, $"{said} (SQLSTATE {state})", answer)
                : Rejected($"SQLSTATE {state}"),
        };
    }

    // 0A feature not supported, 28 authorization, 3D and 3F names, 42 syntax or access rule.
    private static bool IsPermanent(string state) => ClassOf(state) is "0A" or "28" or "3D" or "3F" or "42";
}

using System.Data;
using System.Net.Sockets;
using System.Security.Authentication;
using FacilityFeed.Domain;
using MySqlConnector;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>Sorts what MySQL, MariaDB and their driver throw into what a retry may mend and what it cannot, each with its remedy.</summary>
internal static class MySqlFailure
{
    // Numbers of MariaDB and of newer servers that the driver has no name for, or names by the other one's meaning.
    private const int StatementTimeoutOfMariaDb = 1969;
    private const int AccessDeniedWithoutPassword = 1698;
    private const int SecureTransportRequired = 3159;
    private const int CannotConvertText = 3854;

    /// <summary>Whether the server or the way to it is the cause: also of whatever its driver throws over bytes that are no answer.</summary>
    public static bool IsOne(Exception exception) => IsKnown(exception) || exception is UnreadableAnswerException || DriverFault.IsOf(typeof(MySqlException).Assembly, exception);

    public static FeedException Sort(Exception failure, SourceOptions source, string what) => failure switch
    {
        OverdueException late => SourceTrouble.NoEnd(source, what, late),
        MySqlException refused when IsClearTextRefused(refused) => SourceTrouble.ClearTextRefused(source, refused),
        MySqlException refused when IsEncryptionRefused(refused) => SourceTrouble.NoEncryption(source, refused),
        MySqlException { SqlState: not null } answer => SortAnswer(answer, source, what),
        _ when !IsKnown(failure) => SourceTrouble.Garbled(source, what, failure),
        _ => SourceTrouble.NoAnswer(source, what, failure),
    };

    // Classes 22 data exception and 45 what a function raised itself, or text that cannot be converted, which has no class; or what the
    // server said no more than a warning of.
    public static bool IsOfAValue(Exception failure) => failure is DataException
        or MySqlException { SqlState: ['2', '2', ..] or ['4', '5', ..] } or MySqlException { ErrorCode: MySqlErrorCode.InvalidCharacterString or (MySqlErrorCode)CannotConvertText };

    // The driver refuses by itself, and has no setting for it: only loopback, a socket and TLS with a verified certificate are let through.
    private static bool IsClearTextRefused(MySqlException failure) => failure.Message.Contains("requires a secure connection with a verified server certificate", StringComparison.Ordinal);

    private static bool IsKnown(Exception exception) => exception is MySqlException or SocketException or TimeoutException or IOException;

    // The driver says these itself, with one code for all that keeps a connection from being made.
    private static bool IsEncryptionRefused(MySqlException failure) => (int)failure.ErrorCode == SecureTransportRequired
        || failure.InnerException is AuthenticationException
        || failure.Message.StartsWith("Server does not support SSL", StringComparison.Ordinal)
        || failure.Message.Contains("Either use a secure connection", StringComparison.Ordinal);

    private static FeedException SortAnswer(MySqlException answer, SourceOptions source, string what)
    {
        var said = ForeignText.InOneLine(answer.Message);

        FeedRejectedException Rejected(string remedy) => SourceTrouble.Refused(source, what, said, remedy, answer);

        return (int)answer.ErrorCode switch
        {
            (int)MySqlErrorCode.AccessDenied or AccessDeniedWithoutPassword or (int)MySqlErrorCode.HostNotPrivileged =>
                Rejected(SourceTrouble.CheckUser(source)),
            (int)MySqlErrorCode.DatabaseAccessDenied => Rejected($"{SourceTrouble.CheckDatabase(source)}. {SourceTrouble.LetRead($"'{source.User}'")}"),
            (int)MySqlErrorCode.TableAccessDenied or (int)MySqlErrorCode.ColumnAccessDenied => Rejected(SourceTrouble.LetRead($"'{source.User}'")),
            (int)MySqlErrorCode.UnknownDatabase => Rejected(SourceTrouble.CheckDatabase(source)),
            (int)MySqlErrorCode.NoSuchTable or (int)MySqlErrorCode.BadFieldError or (int)MySqlErrorCode.ViewInvalid => Rejected(SourceTrouble.CheckTable(source)),
            StatementTimeoutOfMariaDb or (int)MySqlErrorCode.QueryTimeout or (int)MySqlErrorCode.QueryInterrupted =>
                SourceTrouble.TooSlow(source, what, said, answer),
            var number => SourceTrouble.Failed(source, what, $"{said} (error {number})", answer),
        };
    }
}

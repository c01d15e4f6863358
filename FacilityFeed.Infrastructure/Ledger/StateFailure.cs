using System.Net.Sockets;
using System.Transactions;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Reading;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>
/// Sorts what the state database throws into what a retry may mend and what it cannot, each with its remedy. What comes from a
/// source database is sorted at the source, so whatever else is PostgreSQL's is the state's.
/// </summary>
public static class StateFailure
{
    private const string Setting = "STATE_DB (State:ConnectionString)";

    /// <summary>The SQLSTATE of the ledger's own refusal of a build that knows too low a protocol. Transient: a build that may goes on meanwhile.</summary>
    public const string LowerProtocol = "WP001";

    private static volatile string? _embedded;

    /// <summary>
    /// Says that this process keeps its state in a server of its own, which it starts again itself: nobody has set its host. The last word holds,
    /// for failures outlive the pool that they come from.
    /// </summary>
    /// <param name="dataDirectory">Where the server is; null: it is a configured one.</param>
    public static void StateIsEmbeddedIn(string? dataDirectory) => _embedded = dataDirectory;

    /// <summary>Whether the state database or the way to it is the cause: also of whatever its driver throws over bytes that are no answer.</summary>
    public static bool IsOne(Exception failure) =>
        failure is not FeedException && (failure is NpgsqlException or OverdueException or TransactionException || Wrapped(failure) is not null || DriverFault.IsOf(typeof(NpgsqlException).Assembly, failure));

    /// <summary>What the state database did in a failure that others have wrapped; null when it is not its cause.</summary>
    public static Exception? CauseOf(Exception? failure) => failure is null ? null : Wrapped(failure) ?? (IsOne(failure) ? failure : CauseOf(failure.InnerException));

    /// <summary>
    /// Whether the state database gives no answer at all for now, so that it is only waited for: it cannot be reached, starts, stops, has no connection
    /// left, or may only be read, as in a fail-over. One that answers with another refusal, or whose answer is late, is there.
    /// </summary>
    public static bool IsAway(Exception failure) => failure switch
    {
        // A protocol that is not understood comes back no better.
        PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation } => false,
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } => true,
        PostgresException answer => IsStarting(answer) || answer.SqlState == PostgresErrorCodes.TooManyConnections || PostgresFailure.ClassOf(answer.SqlState) == "08",
        NpgsqlException => !IsPoolExhausted(failure) && !PostgresFailure.IsPasswordMissing(failure) && !PostgresFailure.IsClearTextRefused(failure),
        _ => failure is SocketException or IOException,
    };

    /// <summary>Whether a session that may only read is the cause; of one that others have wrapped as well.</summary>
    public static bool IsReadOnly(Exception failure) => CauseOf(failure) is PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction };

    /// <summary>What a person should read of a failure once a process has started. It has worked at the start, so whatever it answers now, a retry may mend.</summary>
    /// <param name="failure">What PostgreSQL or its driver threw; or what others made of it.</param>
    /// <returns>A <see cref="StateException"/> where the failure is the database's, and says nothing of what it was asked.</returns>
    public static FeedException Sort(Exception failure) => IsOfTheServer(Wrapped(failure) ?? failure)
        ? new StateException(SortAtStart(failure).Message, failure)
        : new FeedException(SortAtStart(failure).Message, failure);

    /// <summary>The same while a process starts, and for <c>doctor</c>: what a person has set wrong is not waited for.</summary>
    /// <param name="failure">What PostgreSQL or its driver threw; or what others made of it.</param>
    /// <param name="which">Names the database, for example <c>PostgreSQL database 'state' at host:5432, user 'feed',</c>.</param>
    public static FeedException SortAtStart(Exception failure, string which = "the state database") => failure switch
    {
        _ when Wrapped(failure) is { } cause => SortAtStart(cause, which),
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } answer =>
            Rejected($"{Named(which)} does not let its user make what the service needs there", answer, "Let it: GRANT CREATE ON DATABASE, and own the schemas feed and hangfire"),
        PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation } answer when answer.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
            Rejected($"{Named(which)} takes no session options", answer, "PgBouncer does with ignore_startup_parameters = options, in session mode; or name the server itself"),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } answer =>
            Rejected($"{Named(which)} may only be read", answer, "Name the primary server, not a standby"),
        PostgresException answer when PostgresFailure.ClassOf(answer.SqlState) is "28" or "3D" =>
            Rejected($"{Named(which)} refused", answer, "Check the database, user and password in it"),
        PostgresException answer when PostgresFailure.ClassOf(answer.SqlState) == "42" =>
            Rejected($"{Named(which)} refused", answer, null),
        PostgresException { SqlState: LowerProtocol } answer => new FeedException(ForeignText.InOneLine(answer.MessageText), answer),
        _ when PostgresFailure.IsPasswordMissing(failure) => new FeedRejectedException($"{Setting}: {which} asks for a password: add Password=... to it", failure),
        _ when PostgresFailure.IsClearTextRefused(failure) => new FeedRejectedException($"{Setting}: {which} asks for the password in clear text, and it was not sent, for whoever answers there or is on the way could read it. Let the server use scram-sha-256, or add SSL Mode=VerifyFull (or Require); or, where it must be clear text (LDAP, PAM), Require Auth=Password", failure),
        PostgresException answer when IsStarting(answer) && _embedded is { } folder => Away(folder, answer.MessageText, answer),
        PostgresException answer => new FeedException($"{Named(which)} could not answer: {ForeignText.InOneLine(answer.MessageText)} (SQLSTATE {ForeignText.InOneLine(answer.SqlState)}). See its log", answer),
        OverdueException late => new FeedException($"{Named(which)} came to no end within {late.Limit.TotalSeconds:0.#} s, whatever it sent meanwhile. See what it does{(_embedded is null ? ", and that host and port are right" : "")}", late),
        TransactionException => new FeedException($"{Named(which)} did not end a transaction in time, or its end was not heard of ({ForeignText.InOneLine((failure.InnerException ?? failure).Message)}). See what its queries wait for", failure),
        _ when IsPoolExhausted(failure) => new FeedException($"{Named(which)} was not asked, for all connections that this process may have to it were in use too long. See what its queries wait for", failure),
        not PostgresException when _embedded is { } folder => Away(folder, (failure.InnerException ?? failure).Message, failure),
        NpgsqlException => new FeedException($"{Setting}: {which} does not answer ({ForeignText.InOneLine((failure.InnerException ?? failure).Message)}). Check that it runs and that host and port are right", failure),
        _ => new FeedException($"{Setting}: {which} answers with what is not understood ({failure.GetType().Name}: {ForeignText.InOneLine(failure.Message)}). Check that host and port name a PostgreSQL server, and that nothing on the way changes what it sends", failure),
    };

    /// <summary>What a person should read of a failure, whether or not the state database is its cause.</summary>
    public static string Explain(Exception failure) => failure is FeedException ? failure.Message : IsOne(failure) ? Sort(failure).Message : ForeignText.InOneLine(failure.Message);

    /// <summary>Runs a job's <paramref name="work"/>, and says of a failing state database which one it is and what to do.</summary>
    /// <param name="state">Its pool: sessions that may only read leave it.</param>
    /// <param name="work">What the job does.</param>
    /// <exception cref="FeedException">The state database is the cause; never one for good.</exception>
    public static async Task<T> GuardAsync<T>(NpgsqlDataSource state, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception failure) when (IsOne(failure))
        {
            WritableSessions.ClearAfter(failure, state);
            throw Sort(failure);
        }
    }

    // Classes 22 data exception and 23 constraint lie in what it was given, WP in which build this is, and bytes that are no answer may lie in what is stored: those end some time.
    private static bool IsOfTheServer(Exception failure) => failure is OverdueException or TransactionException or NpgsqlException && !(failure is PostgresException answer && PostgresFailure.ClassOf(answer.SqlState) is "22" or "23" or "WP");

    // What Hangfire and transactions have made something else of; not what a source's failure was sorted to.
    private static Exception? Wrapped(Exception failure) => failure is NpgsqlException or OverdueException or FeedException ? null
        : failure.InnerException is NpgsqlException or OverdueException ? failure.InnerException
        : failure.InnerException is { } cause ? Wrapped(cause) ?? (cause as TransactionException) : null;

    // It starts, stops, or one of its processes has crashed.
    private static bool IsStarting(PostgresException answer) =>
        answer.SqlState is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;

    // The driver has no code for it.
    private static bool IsPoolExhausted(Exception failure) =>
        failure is NpgsqlException and not PostgresException && failure.Message.StartsWith("The connection pool has been exhausted", StringComparison.Ordinal);

    // Of a server of its own nobody has set anything.
    private static string Named(string which) => _embedded is { } folder ? Embedded(folder) : $"{Setting}: {which}";

    private static string Embedded(string folder) => $"the state database of this installation, the embedded PostgreSQL in {folder},";

    private static FeedException Away(string folder, string said, Exception failure) =>
        new($"{Embedded(folder)} does not answer ({ForeignText.InOneLine(said)}). It is starting, or is started again within seconds; if it stays away, see start.log and the log folder in its cluster", failure);

    /// <param name="what">What it did.</param>
    /// <param name="answer">What it said.</param>
    /// <param name="remedy">For whoever has set it; null: the remedy lies in what it contains.</param>
    private static FeedRejectedException Rejected(string what, PostgresException answer, string? remedy) =>
        new($"{what}: {ForeignText.InOneLine(answer.MessageText)}. {(_embedded is null && remedy is not null ? remedy : "Look who has changed what the service made there (its user, the schemas feed and hangfire), and see its log")}", answer);
}

/// <summary>
/// The state database did not do what a job asked of it. That says nothing of the job: it is tried again as often as it takes, and none of its tries is used up.
/// </summary>
/// <param name="message">One line that says what, which, and what to do. Never a secret.</param>
/// <param name="inner">The cause, kept for the log.</param>
public sealed class StateException(string message, Exception inner) : FeedException(message, inner);

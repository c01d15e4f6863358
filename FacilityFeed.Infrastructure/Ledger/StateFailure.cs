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

    /// <param name="failure">What PostgreSQL or its driver threw.</param>
    /// <param name="which">Names the database, for example <c>PostgreSQL database 'state' at host:5432, user 'feed',</c>.</param>
    public static FeedException Sort(NpgsqlException failure, string which = "the state database") => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } answer =>
            Rejected($"{which} does not let its user make what the service needs there", answer, "Let it: GRANT CREATE ON DATABASE, and own the schemas feed and hangfire"),
        PostgresException { SqlState: PostgresErrorCodes.ProtocolViolation } answer when answer.MessageText.Contains("startup parameter", StringComparison.Ordinal) =>
            Rejected($"what answers for {which} takes no session options", answer, "PgBouncer does with ignore_startup_parameters = options, in session mode; or name the server itself"),
        PostgresException { SqlState: PostgresErrorCodes.ReadOnlySqlTransaction } answer =>
            Rejected($"{which} may only be read", answer, "Name the primary server, not a standby"),
        PostgresException answer when answer.SqlState[..2] is "28" or "3D" or "42" =>
            Rejected($"{which} refused", answer, "Check the database, user and password in it"),
        _ when PostgresFailure.IsPasswordMissing(failure) => new FeedRejectedException($"{Setting}: {which} asks for a password: add Password=... to it", failure),
        PostgresException answer => new FeedException($"{Setting}: {which} could not answer: {answer.MessageText} (SQLSTATE {answer.SqlState}). See its log", answer),
        _ => new FeedException($"{Setting}: {which} does not answer ({(failure.InnerException ?? failure).Message}). Check that it runs and that host and port are right", failure),
    };

    /// <summary>What a person should read of a failure, whether or not the state database is its cause.</summary>
    public static string Explain(Exception failure) => failure is NpgsqlException state ? Sort(state).Message : failure.Message;

    /// <summary>
    /// Runs a job's <paramref name="work"/>, and says of a failing state database which one it is and what to do. It has worked at the start, so
    /// whatever it answers now, a retry may mend.
    /// </summary>
    public static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (NpgsqlException failure)
        {
            throw new FeedException(Sort(failure).Message, failure);
        }
    }

    private static FeedRejectedException Rejected(string what, PostgresException answer, string remedy) => new($"{Setting}: {what}: {answer.MessageText}. {remedy}", answer);
}

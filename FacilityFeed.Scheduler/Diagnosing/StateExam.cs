using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using Npgsql;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Looks at the state database: what it is, whether it is ready for Hangfire and the ledger, and its clock.</summary>
internal static class StateExam
{
    public const string Subject = "state database";

    /// <summary>Generation timestamps come from the database's clock, schedules from ours.</summary>
    private static readonly TimeSpan _mostSkew = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Finding>> ExamineAsync(Databases databases, StateOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await databases.State.OpenConnectionAsync(cancellationToken);
            var (version, prepared, now) = (
                await AskAsync<string>(connection, "SHOW server_version", cancellationToken),
                await AskAsync<string>(connection, "SHOW max_prepared_transactions", cancellationToken),
                await AskAsync<DateTime>(connection, "SELECT clock_timestamp()", cancellationToken));
            var skew = new DateTimeOffset(now) - time.GetUtcNow();
            return
            [
                new Finding(Severity.Ok, Subject, string.Create(CultureInfo.InvariantCulture, $"PostgreSQL {ForeignText.InOneLine(version)} at {connection.Host}:{connection.Port}, database '{connection.Database}', its schemas up to date; clocks differ by {skew.Duration().TotalSeconds:0} s")),
                .. options.IsOpenOnTheWay
                    ? [new Finding(Severity.Warning, Subject, $"{connection.Host} is another machine, and STATE_DB (State:ConnectionString) does not demand TLS: who sits between can read and change all that goes there. Add SSL Mode=VerifyFull; or, where nobody can sit between, name the host in State:TrustedHosts")] : Array.Empty<Finding>(),
                .. prepared == "0" ? Array.Empty<Finding>() : [new Finding(Severity.Warning, Subject, $"max_prepared_transactions is {ForeignText.InOneLine(prepared)}: set it to 0, so that a transaction that falls apart fails at once instead of holding locks")],
                .. skew.Duration() <= _mostSkew ? Array.Empty<Finding>() : [new Finding(Severity.Warning, Subject, string.Create(CultureInfo.InvariantCulture, $"its clock is {skew.Duration().TotalSeconds:0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's: set both by NTP"))],
            ];
        }
        catch (Exception failure) when (StateFailure.IsOne(failure))
        {
            return [new Finding(Severity.Error, Subject, StateFailure.SortAtStart(failure).Message)];
        }
    }

    private static async Task<T> AskAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var answer = await command.ExecuteReaderAsync(cancellationToken);
        await answer.ReadAsync(cancellationToken);
        return await answer.GetFieldValueAsync<T>(0, cancellationToken);
    }
}

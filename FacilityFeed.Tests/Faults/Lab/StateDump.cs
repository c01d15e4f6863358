using Dapper;
using Npgsql;

namespace FacilityFeed.Tests.Faults.Lab;

/// <summary>What a person must see when a fault did harm: ledger, jobs, locks and servers.</summary>
internal static class StateDump
{
    private const string Sql = """
        SELECT string_agg(line, E'\n') FROM (
            SELECT format('run %s: %s, %s open, plan job %s, manifest job %s, beat %s, %s', id, state, remaining, plan_job_id, manifest_job_id, heartbeat_at, reason) AS line FROM feed.run
            UNION ALL SELECT format('chunk %s of run %s: %s, attempt %s, job %s, beat %s, %s', number, run_id, state, attempt, job_id, heartbeat_at, error) FROM feed.chunk WHERE state <> 'done'
            UNION ALL SELECT format('job %s: %s, %s, queued %s, fetched %s, %s', j.id, j.statename, j.arguments, q.queue, q.fetchedat, left(s.data::text, 300)) FROM hangfire.job j
                LEFT JOIN hangfire.state s ON s.id = j.stateid LEFT JOIN hangfire.jobqueue q ON q.jobid = j.id WHERE j.statename IS DISTINCT FROM 'Succeeded' OR q.id IS NOT NULL
            UNION ALL SELECT format('%s run %s: %s %s', at, run_id, event, detail) FROM feed.run_event
            UNION ALL SELECT format('lock %s of %s', resource, acquired) FROM hangfire.lock
            UNION ALL SELECT format('server %s, %s', id, lastheartbeat) FROM hangfire.server) everything
        """;

    public static async Task<string> ReadAsync(NpgsqlDataSource state)
    {
        try
        {
            await using var connection = await state.OpenConnectionAsync();
            return await connection.QuerySingleAsync<string>(Sql);
        }
        catch (NpgsqlException away)
        {
            return away.Message;
        }
    }
}

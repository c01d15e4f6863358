using System.Text.Json;
using FacilityFeed.Tests.Support;

namespace FacilityFeed.Tests.Commands;

/// <summary>Who works on a command's run when others use the same state.</summary>
public sealed class CrewTests
{
    [Test]
    public async Task Publish_WorksAlone_BesideAnActiveRunOfAFeedThatItDoesNotKnow()
    {
        await using var installation = await BesideAPlanAsync("feed2-studios");

        var result = await installation.RunAsync("publish", "facility");

        Assert.That(result.ExitCode, Is.Zero, result.Errors);
        Assert.That(await StatesAsync(installation), Is.EqualTo("published planning"));
        Assert.That(await installation.State.ScalarAsync<string>("SELECT j.statename FROM hangfire.job j JOIN feed.run r ON j.id = r.plan_job_id::bigint WHERE r.feed = 'studios'"), Is.EqualTo("Enqueued"), "left to those who know it");
    }

    [Test]
    public async Task Publish_WorksItself_BesideAServiceOfAnEarlierBuild()
    {
        await using var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        await installation.RunAsync("doctor");
        // It serves its own queues and is never given up; its workers serve none of ours.
        await installation.State.ExecuteAsync("""
            INSERT INTO hangfire.server (id, data, lastheartbeat) SELECT 'elsewhere:' || queue || ':1:1', jsonb_build_object('Queues', jsonb_build_array(queue), 'WorkerCount', 1, 'StartedAt', now()), now() + interval '1 hour'
            FROM unnest(ARRAY['feed-facility', 'shards-facility', 'ahead-facility']) queue
            """);

        var result = await installation.RunAsync("publish", "facility", "--json");

        using var answer = JsonDocument.Parse(result.Output);
        Assert.That((result.ExitCode, answer.RootElement.GetProperty("records").GetInt64()), Is.EqualTo((0, 5)), result.Errors);
    }

    /// <summary>A run of another process's feed, with its plan in <paramref name="queue"/>.</summary>
    private static async Task<Installation> BesideAPlanAsync(string queue)
    {
        var installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        await installation.RunAsync("doctor");
        await installation.State.ExecuteAsync($$"""
            WITH job AS (INSERT INTO hangfire.job (invocationdata, arguments, createdat, statename) VALUES (
                '{"Type": "FacilityFeed.Scheduler.Planning.PlanJob, FacilityFeed.Scheduler", "Method": "RunAsync", "Queue": "{{queue}}", "Arguments": null,
                  "ParameterTypes": "[\"System.Int64\",\"System.String\",\"Hangfire.Server.PerformContext, Hangfire.Core\",\"System.Threading.CancellationToken, mscorlib\"]"}',
                '["1","\"studios · plan of run 1\"",null,null]', now(), 'Enqueued') RETURNING id),
            queued AS (INSERT INTO hangfire.jobqueue (jobid, queue) SELECT id, '{{queue}}' FROM job)
            INSERT INTO feed.run (feed, name, recipe, run_key, origin, state, plan_job_id) SELECT 'studios', 'studios', 'somewhere else', 'test', 'test', 'planning', id FROM job
            """);
        return installation;
    }

    private static Task<string> StatesAsync(Installation installation) => installation.State.ScalarAsync<string>("SELECT string_agg(state, ' ' ORDER BY feed) FROM feed.run")!;
}

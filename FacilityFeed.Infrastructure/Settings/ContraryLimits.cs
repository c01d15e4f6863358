using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Limits of a feed of which one makes another useless. Each can be used, and the stricter one counts; but somebody who wrote both meant something else.</summary>
internal static class ContraryLimits
{
    public static IEnumerable<string> Of(FeedDefinition feed, IConfiguration configuration)
    {
        bool IsWritten(string name) => !string.IsNullOrEmpty(configuration[$"Feeds:{feed.Key}:{name}"]);
        string Called(string name) => PlainNames.OfFeed(feed.Key, name);

        if (IsWritten("MaxChunks") && feed.MaxChunks > feed.Guard.MaxShards)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Called("MaxChunks")} is {feed.MaxChunks} and {Called("Guard:MaxShards")} {feed.Guard.MaxShards}: a run is planned with at most {Counted.Of(feed.Guard.MaxShards, "chunk")}, for with more shards it would never be published. Raise Guard:MaxShards, where the partner takes so many, or lower MaxChunks");
        }

        if (IsWritten("Guard:WarnShards") && feed.Guard.WarnShards >= feed.Guard.MaxShards)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Called("Guard:WarnShards")} is {feed.Guard.WarnShards} and {Called("Guard:MaxShards")} {feed.Guard.MaxShards}, so nothing is ever warned of: more shards than the second are never published. Lower WarnShards");
        }
    }
}

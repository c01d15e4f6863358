using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Publishing;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;
using FacilityFeed.Infrastructure.Ledger;

namespace FacilityFeed.Scheduler.Publishing;

/// <summary>Writes the alias, the only name that is ever rewritten. It never goes back in time and never changes feeds.</summary>
public static class AliasWriter
{
    /// <exception cref="FeedRejectedException">As for <see cref="CheckAsync"/>.</exception>
    public static async Task WriteAsync(IFeedStore store, ManifestClaim claim, ObjectContent manifest, CancellationToken cancellationToken)
    {
        await CheckAsync(store, claim, manifest, cancellationToken);
        await store.ReplaceAsync(ObjectNames.Alias, manifest, cancellationToken);
    }

    /// <summary>Fails unless this run may write the alias. Asked before the manifest is written too, so that a refused run leaves none.</summary>
    /// <exception cref="FeedRejectedException">The alias belongs to another feed or program, or is newer than this run.</exception>
    public static async Task CheckAsync(IFeedStore store, ManifestClaim claim, ObjectContent manifest, CancellationToken cancellationToken)
    {
        if (await ReadAsync(store, cancellationToken) is var (current, sha256))
        {
            if (current.Name != claim.Name)
            {
                throw new FeedRejectedException($"{store.Locate(ObjectNames.Alias)} belongs to feed '{ShownValue.Of(current.Name)}', not '{claim.Name}': another installation publishes here. Give this feed its own prefix or folder");
            }

            if (current.GenerationTimestamp > claim.GenerationTimestamp)
            {
                throw new FeedRejectedException($"{store.Locate(ObjectNames.Alias)} is newer ({current.GenerationTimestamp}) than run {claim.RunId} ({claim.GenerationTimestamp}): another installation publishes here, or the state database's clock went back. It was left as it is");
            }

            if (current.GenerationTimestamp == claim.GenerationTimestamp && sha256 != manifest.Sha256)
            {
                throw new FeedRejectedException($"{store.Locate(ObjectNames.Alias)} names other shards of the same second than run {claim.RunId}: another installation publishes here. It was left as it is");
            }
        }
    }

    /// <returns>Null when there is no alias.</returns>
    /// <exception cref="FeedRejectedException">What has its name is no manifest.</exception>
    private static async Task<(Manifest Manifest, string Sha256)?> ReadAsync(IFeedStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await SmallContent.ReadAsync(store, ObjectNames.Alias, cancellationToken) is { } alias ? (Manifest.Parse(alias), Convert.ToHexStringLower(SHA256.HashData(alias))) : null;
        }
        catch (FormatException foreign)
        {
            throw new FeedRejectedException($"{store.Locate(ObjectNames.Alias)} is no manifest ({foreign.Message}), so it is not ours to replace. Move it away, or give this feed its own prefix or folder", foreign);
        }
    }
}

using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Feeds;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Stores an object of its own in a feed's place, reads it back, compares it, tries to overwrite it, and removes it.</summary>
internal static class StoreExam
{
    /// <summary>S3 refuses requests that are a quarter of an hour off.</summary>
    private static readonly TimeSpan _mostSkew = TimeSpan.FromMinutes(2);

    public static async IAsyncEnumerable<Finding> ExamineAsync(FeedDefinition feed, IFeedStore store, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var subject = $"store of feed {feed.Key}";
        yield return await TryAsync(subject, store, cancellationToken);
        if (store.ClockSkew is { } skew && skew.Duration() > _mostSkew)
        {
            yield return new Finding(Severity.Warning, subject, string.Create(CultureInfo.InvariantCulture,
                $"its clock is {skew.Duration().TotalMinutes:0.0} minutes {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's: set this machine's clock (timedatectl, chrony)"));
        }
    }

    private static async Task<Finding> TryAsync(string subject, IFeedStore store, CancellationToken cancellationToken)
    {
        var name = $".doctor-{Guid.NewGuid():N}.json";
        try
        {
            await store.CheckAsync(cancellationToken);
            var content = ObjectContent.Of(RandomNumberGenerator.GetBytes(64 * 1024));
            try
            {
                await store.CreateAsync(name, content, cancellationToken);
                return await CompareAsync(subject, store, name, content, cancellationToken);
            }
            finally
            {
                // Also what arrived otherwise than it was sent.
                await store.DeleteAsync(name, CancellationToken.None);
            }
        }
        catch (FeedException refused)
        {
            return new Finding(Severity.Error, subject, refused.Message);
        }
    }

    private static async Task<Finding> CompareAsync(string subject, IFeedStore store, string name, ObjectContent content, CancellationToken cancellationToken)
    {
        await using var stored = await store.OpenReadAsync(name, cancellationToken);
        if (stored is null || Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken)) != content.Sha256)
        {
            return new Finding(Severity.Error, subject, $"{store.Locate(name)} does not come back as it was stored. Check the provider (S3_PROVIDER) or the disk");
        }

        return await IsOverwrittenAsync(store, name, cancellationToken)
            ? new Finding(Severity.Error, subject, $"{store.Locate(name)} was overwritten, though it was asked not to be: the server takes no notice of If-None-Match. Set ConditionalPuts of the store to false")
            : new Finding(Severity.Ok, subject, $"an object was stored at {store.Locate(name)}, read back, compared and removed{(store.ClockSkew is { } skew ? string.Create(CultureInfo.InvariantCulture, $"; clocks differ by {skew.Duration().TotalSeconds:0} s") : "")}");
    }

    private static async Task<bool> IsOverwrittenAsync(IFeedStore store, string name, CancellationToken cancellationToken)
    {
        try
        {
            await store.CreateAsync(name, ObjectContent.Of(RandomNumberGenerator.GetBytes(64 * 1024)), cancellationToken);
            return true;
        }
        catch (FeedRejectedException)
        {
            return false;
        }
    }
}

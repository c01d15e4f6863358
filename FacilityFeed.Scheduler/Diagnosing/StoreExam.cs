using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Storing;
using FacilityFeed.Domain.Writing;

namespace FacilityFeed.Scheduler.Diagnosing;

/// <summary>Stores an object of its own in a feed's place, reads it back, compares it, tries to overwrite it, and removes it.</summary>
internal static class StoreExam
{
    private const string ProbeStart = ".doctor-";

    /// <summary>S3 refuses requests that are a quarter of an hour off.</summary>
    private static readonly TimeSpan _mostSkew = TimeSpan.FromMinutes(2);

    /// <summary>A killed process leaves its probe; no examination takes as long as this.</summary>
    private static readonly TimeSpan _abandoned = TimeSpan.FromHours(1);

    private static readonly TimeSpan _timeToRemove = TimeSpan.FromSeconds(10);

    /// <summary>A name that nobody else uses, not even another service that looks at the same store at this moment.</summary>
    public static string NewProbe(TimeProvider time) => string.Create(CultureInfo.InvariantCulture, $"{ProbeStart}{time.GetUtcNow():yyyyMMddHHmmss}-{Guid.NewGuid():N}.json");

    /// <param name="subject">Of the findings.</param>
    /// <param name="store">A feed's place.</param>
    /// <param name="probe">Name of the object that is stored and removed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it; the probe is removed then too.</param>
    public static async Task<IReadOnlyList<Finding>> ExamineAsync(string subject, IFeedStore store, string probe, TimeProvider time, CancellationToken cancellationToken)
    {
        var tried = await TryAsync(subject, store, probe, time, cancellationToken);
        return store.ClockSkew is { } skew && skew.Duration() > _mostSkew
            ? [tried, new Finding(Severity.Warning, subject, string.Create(CultureInfo.InvariantCulture,
                $"its clock is {skew.Duration().TotalMinutes:0.0} minutes {(skew > TimeSpan.Zero ? "ahead of" : "behind")} this machine's: set this machine's clock (timedatectl, chrony)"))]
            : [tried];
    }

    private static async Task<Finding> TryAsync(string subject, IFeedStore store, string probe, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            await store.CheckAsync(cancellationToken);
            // The same bytes each time: where it cannot be removed, it is found again and its removal fails again, with the same words.
            var content = ObjectContent.Of(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(probe, 1000))));
            Finding found;
            try
            {
                await store.CreateAsync(probe, content, cancellationToken);
                found = await CompareAsync(subject, store, probe, content, cancellationToken);
            }
            finally
            {
                // Also what arrived otherwise than it was sent, and what was on its way when the service was told to stop.
                using var removing = new CancellationTokenSource(_timeToRemove, time);
                await store.DeleteAsync(probe, removing.Token);
            }

            await RemoveAbandonedAsync(store, time, cancellationToken);
            return found;
        }
        catch (FeedException refused)
        {
            return new Finding(Severity.Error, subject, refused.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new Finding(Severity.Error, subject, $"{store.Locate(probe)} was stored, but not removed within {_timeToRemove.TotalSeconds:0} s. Check the network, and remove it");
        }
    }

    private static async Task RemoveAbandonedAsync(IFeedStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        await foreach (var name in store.ListAsync(ProbeStart, cancellationToken))
        {
            var stamp = name[ProbeStart.Length..].Split('-')[0];
            if (DateTimeOffset.TryParseExact(stamp, "yyyyMMddHHmmss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var made) && time.GetUtcNow() - made > _abandoned)
            {
                await store.DeleteAsync(name, cancellationToken);
            }
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
            : new Finding(Severity.Ok, subject, $"an object was stored in {store.Locate("")}, read back, compared and removed{(store.ClockSkew is { } skew ? string.Create(CultureInfo.InvariantCulture, $"; clocks differ by {skew.Duration().TotalSeconds:0} s") : "")}");
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

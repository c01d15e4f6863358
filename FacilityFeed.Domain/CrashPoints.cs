namespace FacilityFeed.Domain;

/// <summary>Told of every <see cref="CrashPoint"/> that is passed. Nothing comes of it; the fault tests put one here that kills, hangs or throws.</summary>
public class CrashPoints
{
    /// <summary>The one that does nothing.</summary>
    public static CrashPoints None { get; } = new();

    /// <summary>A point is passed.</summary>
    /// <param name="point">Which one.</param>
    /// <param name="chunk">The chunk; 0 where the whole run is meant.</param>
    public virtual void Pass(CrashPoint point, int chunk = 0)
    {
    }
}

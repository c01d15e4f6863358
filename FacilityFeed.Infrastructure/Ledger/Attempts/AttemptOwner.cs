using System.Globalization;

namespace FacilityFeed.Infrastructure.Ledger.Attempts;

/// <summary>Which process took an attempt, as it is kept beside it: <c>JOB:ATTEMPT</c> and the words of its <see cref="ProcessIdentity"/>.</summary>
internal static class AttemptOwner
{
    /// <summary>This process, as the parameter <c>@process</c> of <see cref="SetSql"/>.</summary>
    public static string Me { get; } = ProcessIdentity.Current.ToString();

    /// <summary>For the SET list of the statement that takes an attempt.</summary>
    /// <param name="job">Names the job, as a column or a parameter.</param>
    /// <param name="attempt">The column of the attempt's number, which the statement raises by one.</param>
    public static string SetSql(string job, string attempt) => $"process = {job} || ':' || ({attempt} + 1) || ' ' || @process";

    /// <summary>Whether it is certain that the process of this very attempt is gone.</summary>
    public static bool IsDead(string? kept, string? jobId, int attempt)
    {
        var which = string.Create(CultureInfo.InvariantCulture, $"{jobId}:{attempt} ");
        return kept is not null && kept.StartsWith(which, StringComparison.Ordinal) && ProcessIdentity.Parse(kept[which.Length..]) is { } process && process.IsDead();
    }
}

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>How far one name is from another; case does not matter.</summary>
internal static class Spelling
{
    /// <summary>
    /// How many letters must be changed, added, left out or swapped with their neighbour: optimal string alignment, for to swap two is the
    /// commonest slip and must not count as two.
    /// </summary>
    public static int Distance(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                edits[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1,
                    edits[i - 1, j - 1] + (IsSame(one[i - 1], other[j - 1]) ? 0 : 1));
                if (i > 1 && j > 1 && IsSame(one[i - 1], other[j - 2]) && IsSame(one[i - 2], other[j - 1]))
                {
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
                }
            }
        }

        return edits[one.Length, other.Length];
    }

    /// <summary>The nearest of <paramref name="names"/>, unless it is further than <paramref name="most"/> allows for it.</summary>
    public static string? Nearest(string name, IEnumerable<string> names, Func<string, int> most) =>
        names.Select(known => (Name: known, Distance: Distance(known, name))).Where(known => known.Distance <= most(known.Name)).OrderBy(known => known.Distance).FirstOrDefault().Name;

    private static bool IsSame(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
}

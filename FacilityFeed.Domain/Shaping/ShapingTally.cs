using System.Text;

namespace FacilityFeed.Domain.Shaping;

/// <summary>
/// Counts what the shaping of one chunk rejected and warned of, by reason, and keeps some of the records to be looked at.
/// Memory is bounded, whatever the number of records.
/// </summary>
public sealed class ShapingTally
{
    /// <summary>Most rejected records kept, of a chunk and of a run.</summary>
    public const int MostRejects = 10_000;

    /// <summary>Most warned records kept for each reason, of a chunk and of a run: one chunk may be all there is.</summary>
    public const int MostWarnings = 100;

    /// <summary>Longest value kept, in characters.</summary>
    public const int LongestValue = ShownValue.Longest;

    private static readonly int _flaws = Enum.GetValues<Flaw>().Length;

    private readonly long[] _rejects = new long[Enum.GetValues<FacilityField>().Length * _flaws];
    private readonly long[] _warnings = new long[Enum.GetValues<FacilityField>().Length * _flaws];
    private readonly List<NotedRecord> _noted = [];
    private int _rejectsKept;

    /// <summary>Records rejected.</summary>
    public long Rejected { get; private set; }

    /// <summary>Warnings; a record may have several.</summary>
    public long Warned { get; private set; }

    /// <summary>Records that were kept, in the order of their keys.</summary>
    public IReadOnlyList<NotedRecord> Noted => _noted;

    /// <summary>How often each reason was met; those that were not met are left out.</summary>
    public IEnumerable<ReasonCount> Counts => Counted(_rejects, isRejected: true).Concat(Counted(_warnings, isRejected: false));

    /// <summary>A record is left out.</summary>
    /// <param name="id">Its key.</param>
    /// <param name="defect">Why.</param>
    /// <param name="value">The field's value as it came, UTF-8.</param>
    public void Reject(long id, Defect defect, ReadOnlySpan<byte> value)
    {
        Rejected++;
        _rejects[IndexOf(defect)]++;
        if (_rejectsKept < MostRejects)
        {
            _rejectsKept++;
            _noted.Add(Note(true, id, defect, value));
        }
    }

    /// <summary>A record goes out changed: a value was left out or mended.</summary>
    /// <inheritdoc cref="Reject"/>
    public void Warn(long id, Defect defect, ReadOnlySpan<byte> value)
    {
        Warned++;
        if (++_warnings[IndexOf(defect)] <= MostWarnings)
        {
            _noted.Add(Note(false, id, defect, value));
        }
    }

    private static int IndexOf(Defect defect) => ((int)defect.Field * _flaws) + (int)defect.Flaw;

    private static NotedRecord Note(bool isRejected, long id, Defect defect, ReadOnlySpan<byte> value) =>
        new(isRejected, id, defect.FieldName, defect.Code, ShownValue.Of(Encoding.UTF8.GetString(value[..Math.Min(value.Length, LongestValue * 4)])));

    private static IEnumerable<ReasonCount> Counted(long[] counts, bool isRejected) =>
        from index in Enumerable.Range(0, counts.Length)
        where counts[index] > 0
        let defect = new Defect((FacilityField)(index / _flaws), (Flaw)(index % _flaws))
        select new ReasonCount(isRejected, defect.FieldName, defect.Code, counts[index]);
}

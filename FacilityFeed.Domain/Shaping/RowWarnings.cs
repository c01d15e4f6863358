namespace FacilityFeed.Domain.Shaping;

/// <summary>The warnings of one row, held back until it is known that the row goes out.</summary>
internal sealed class RowWarnings
{
    private readonly List<(Defect Defect, ReadOnlyMemory<byte> Value)> _warnings = [];

    /// <summary>Forgets the last row's.</summary>
    public void Clear() => _warnings.Clear();

    /// <summary>Holds one back.</summary>
    public void Add(FacilityField field, Flaw flaw, ReadOnlyMemory<byte> value) => _warnings.Add((new Defect(field, flaw), value));

    /// <summary>Tells them all.</summary>
    public void TellTo(ShapingTally tally, long id)
    {
        foreach (var (defect, value) in _warnings)
        {
            tally.Warn(id, defect, value.Span);
        }
    }
}

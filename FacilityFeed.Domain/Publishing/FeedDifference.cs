namespace FacilityFeed.Domain.Publishing;

/// <summary>How one feed differs from another. Of each kind the first few are kept to be looked at, in the order of their keys.</summary>
public sealed class FeedDifference
{
    /// <summary>Most records kept of each kind.</summary>
    public const int MostSamples = 10;

    private readonly List<SampleRecord> _addedSamples = [];
    private readonly List<SampleRecord> _removedSamples = [];
    private readonly List<ChangedRecord> _changedSamples = [];

    /// <summary>Records that only the later feed has.</summary>
    public long Added { get; private set; }

    /// <summary>Records that only the earlier feed has.</summary>
    public long Removed { get; private set; }

    /// <summary>Records that both have, with other bytes.</summary>
    public long Changed { get; private set; }

    /// <summary>Records that both have, byte by byte.</summary>
    public long Same { get; internal set; }

    /// <summary>Some of the added.</summary>
    public IReadOnlyList<SampleRecord> AddedSamples => _addedSamples;

    /// <summary>Some of the removed.</summary>
    public IReadOnlyList<SampleRecord> RemovedSamples => _removedSamples;

    /// <summary>Some of the changed.</summary>
    public IReadOnlyList<ChangedRecord> ChangedSamples => _changedSamples;

    internal void Add(KeyedRecords later)
    {
        if (Added++ < MostSamples)
        {
            _addedSamples.Add(RecordSample.Of(later));
        }
    }

    internal void Remove(KeyedRecords earlier)
    {
        if (Removed++ < MostSamples)
        {
            _removedSamples.Add(RecordSample.Of(earlier));
        }
    }

    internal void Change(KeyedRecords earlier, KeyedRecords later)
    {
        if (Changed++ < MostSamples)
        {
            _changedSamples.Add(RecordSample.Of(earlier, later));
        }
    }
}

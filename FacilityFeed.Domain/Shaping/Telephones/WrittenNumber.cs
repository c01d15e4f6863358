namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>Digits as a person set them: groups, and what stands before each.</summary>
/// <param name="HasPlus">Whether a <c>+</c> stands before the first.</param>
internal sealed record WrittenNumber(bool HasPlus)
{
    private readonly List<(string Digits, string Before)> _groups = [];

    /// <summary>How many groups.</summary>
    public int Count => _groups.Count;

    /// <summary>The digits of a group.</summary>
    public string this[int group] => _groups[group].Digits;

    /// <summary>What parts a group from the one before: spaces, <c>- . ( ) / '</c>.</summary>
    public string Before(int group) => _groups[group].Before;

    /// <summary>Adds a group.</summary>
    public void Add(string digits, string before) => _groups.Add((digits, before));

    /// <summary>All digits.</summary>
    public string Digits() => string.Concat(_groups.Select(group => group.Digits));

    /// <summary>The first groups.</summary>
    public WrittenNumber Take(int count) => Part(HasPlus, _groups[..count]);

    /// <summary>The groups after the first ones.</summary>
    public WrittenNumber Skip(int count) => Part(false, _groups[count..]);

    /// <summary>Without one group.</summary>
    public WrittenNumber Without(int group) => Part(HasPlus, [.. _groups[..group], .. _groups[(group + 1)..]]);

    private static WrittenNumber Part(bool hasPlus, List<(string Digits, string Before)> groups)
    {
        var part = new WrittenNumber(hasPlus);
        part._groups.AddRange(groups);
        return part;
    }
}

using System.Text;
using FacilityFeed.Domain.Shaping;

namespace FacilityFeed.Tests.Shaping;

/// <summary>What is kept of a chunk's rejected and warned records is bounded; what is counted is not.</summary>
public sealed class ShapingTallyTests
{
    private static readonly Defect _missing = new(FacilityField.Name, Flaw.Missing);
    private static readonly Defect _unusable = new(FacilityField.Url, Flaw.Unusable);

    [Test]
    public void Reject_CountsAll_AndKeepsTheFirst()
    {
        var tally = new ShapingTally();
        for (var id = 1; id <= ShapingTally.MostRejects + 5; id++)
        {
            tally.Reject(id, _missing, ""u8);
        }

        Assert.That(tally.Rejected, Is.EqualTo(ShapingTally.MostRejects + 5));
        Assert.That(tally.Counts, Is.EqualTo(new[] { new ReasonCount(true, "name", "name_missing", ShapingTally.MostRejects + 5) }));
        Assert.That(tally.Noted.Select(note => note.Id), Is.EqualTo(Enumerable.Range(1, ShapingTally.MostRejects)));
    }

    [Test]
    public void Warn_CountsAll_AndKeepsTheFirstOfEachReason()
    {
        var tally = new ShapingTally();
        for (var id = 1; id <= ShapingTally.MostWarnings + 5; id++)
        {
            tally.Warn(id, _unusable, "x"u8);
        }

        tally.Warn(999, new Defect(FacilityField.Telephone, Flaw.Unusable), "y"u8);

        Assert.That(ShapingTally.MostWarnings, Is.EqualTo(100), "as docs/records.md says");
        Assert.That((tally.Warned, tally.Rejected), Is.EqualTo((ShapingTally.MostWarnings + 6, 0)));
        Assert.That(tally.Noted.Select(note => note.Id), Is.EqualTo(Enumerable.Range(1, ShapingTally.MostWarnings).Append(999)));
    }

    [Test]
    public void Reject_KeepsTheStartOfALongValue_WhateverItIsMadeOf([Values("x", "ö", "酒", "🧘")] string character)
    {
        var tally = new ShapingTally();

        tally.Reject(1, _missing, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(character, 100_000))));

        var kept = string.Concat(Enumerable.Repeat(character, ShapingTally.LongestValue / character.Length));
        Assert.That(tally.Noted.Single().Value, Is.EqualTo(kept + "…"));
    }
}

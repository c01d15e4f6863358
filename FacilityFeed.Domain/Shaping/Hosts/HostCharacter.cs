namespace FacilityFeed.Domain.Shaping.Hosts;

/// <summary>What UTS #46 and the checks of a label need to know of a character that can be written in a host.</summary>
/// <param name="Mapping">The code points that it becomes, none for one that is left out; null when it stays as it is.</param>
/// <param name="Bidi">Its bidirectional class, by its short name: <c>L</c>, <c>R</c>, <c>AL</c>, <c>EN</c>, <c>NSM</c> and so on.</param>
/// <param name="Joining">Its joining type when that is <c>D</c>, <c>R</c>, <c>L</c> or <c>T</c>, else empty.</param>
/// <param name="CombiningClass">Its canonical combining class: 0, or where it goes among the marks after a letter.</param>
/// <param name="IsMark">Whether it is a mark, which cannot begin a label.</param>
/// <param name="Parts">The two code points that it is composed of, by its canonical decomposition.</param>
public sealed record HostCharacter(IReadOnlyList<int>? Mapping, string Bidi, string Joining, int CombiningClass, bool IsMark, (int First, int Second)? Parts);

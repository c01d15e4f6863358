namespace FacilityFeed.Domain.Shaping.Telephones;

/// <summary>What the words beside a number say of it.</summary>
/// <param name="At">Which part of the text the number is.</param>
/// <param name="IsFirst">Whether no number comes before it.</param>
/// <param name="IsNamed">Whether a word before it says that a number follows.</param>
/// <param name="IsTelephone">Whether a word before it says that it is a telephone's.</param>
/// <param name="IsMachine">Whether it is a fax's or a pager's.</param>
/// <param name="IsOther">Whether it is a register's, a customer's, an order's.</param>
/// <param name="IsStrange">Whether the word before it is one that nobody knows: a name, a house.</param>
internal sealed record NumberLabel(int At, bool IsFirst, bool IsNamed, bool IsTelephone, bool IsMachine, bool IsOther, bool IsStrange);

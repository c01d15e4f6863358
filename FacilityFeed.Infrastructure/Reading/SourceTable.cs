namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What the catalogue says about the table or view a feed reads.</summary>
/// <param name="Sql">The quoted name.</param>
/// <param name="Types">The type of each column, as the engine writes it.</param>
/// <param name="HasUniqueKey">A unique index and NOT NULL vouch for the key, so that it need not be counted.</param>
/// <param name="Warnings">What a person should know before the table is read.</param>
internal sealed record SourceTable(string Sql, IReadOnlyDictionary<string, string> Types, bool HasUniqueKey, IReadOnlyList<string> Warnings);

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What the catalogue says about the table or view a feed reads.</summary>
/// <param name="Sql">The quoted name.</param>
/// <param name="Columns">All of them readable, in the order of <see cref="Domain.Reading.FacilityColumns.All"/>: the key first.</param>
/// <param name="HasUniqueKey">A unique index and NOT NULL vouch for the key, so that it need not be counted.</param>
/// <param name="Warnings">What a person should know before the table is read.</param>
internal sealed record SourceTable(string Sql, IReadOnlyList<SourceColumn> Columns, bool HasUniqueKey, IReadOnlyList<string> Warnings)
{
    /// <summary>What is selected, by commas.</summary>
    public string Selected(Func<SourceColumn, string> expression) => string.Join(", ", Columns.Select(expression));
}

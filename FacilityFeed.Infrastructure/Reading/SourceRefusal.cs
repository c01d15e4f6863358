using System.Data;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Reading;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>What is wrong with a table, in the same words for every engine.</summary>
internal sealed class SourceRefusal(string table, SourceOptions source)
{
    private const string Key = FacilityColumns.Key;

    /// <summary>How many bad keys a message names.</summary>
    public const int Named = 10;

    /// <summary>How much of a value a message shows.</summary>
    public const int Shown = 40;

    private readonly string _setting = source.FeedSetting("Table");

    public FeedRejectedException NoTable() =>
        new($"{source.Where} has no table or view {table}, or user '{source.User}' may not see it: {_setting} is '{table}': check it, DB_NAME (Source:Database) and the rights");

    /// <summary>The columns that a feed reads, in their order, of those that a table has.</summary>
    /// <param name="found">The table's columns.</param>
    /// <exception cref="FeedRejectedException">A column is missing or unreadable, or the key is no integer by which the table can be cut into ranges.</exception>
    public IReadOnlyList<SourceColumn> Readable(IEnumerable<SourceColumn> found)
    {
        var known = found.DistinctBy(column => column.Name).ToDictionary(column => column.Name, StringComparer.Ordinal);
        var missing = FacilityColumns.All.Where(column => !known.ContainsKey(column)).ToList();
        if (missing.Count > 0)
        {
            throw new FeedRejectedException($"{table} in {source.Where} lacks the column{(missing.Count > 1 ? "s" : "")} {string.Join(", ", missing)}: add {(missing.Count > 1 ? "them" : "it")}, or let {_setting} name a view that has them");
        }

        if (known[Key].Form is null)
        {
            throw new FeedRejectedException($"{table}.{Key} in {source.Where} is {known[Key].Type}: it must be integer or bigint, so that the table can be cut into key ranges");
        }

        IReadOnlyList<SourceColumn> columns = [.. FacilityColumns.All.Select(name => known[name])];
        return columns.FirstOrDefault(column => column.Form is null) is { } unreadable ? throw UnreadableColumn(unreadable) : columns;
    }

    public FeedRejectedException NullKeys(long rows, string names) =>
        new($"{table} in {source.Where} has {Counted.Of(rows, "row")} whose {Key} is NULL (name: {names}): give each row its own {Key}");

    public FeedRejectedException DoubledKeys(string ids) =>
        new($"{table} in {source.Where} has more than one row for {Key} {ids}: give each row its own {Key}");

    public FeedRejectedException KeysTooLarge(string ids) =>
        new($"{table} in {source.Where} has {Key} {ids}: an {Key} above {long.MaxValue} cannot be read. Give those rows smaller ids, or let {_setting} name a view without them");

    public FeedRejectedException ReadWithWarning(string warning) =>
        new($"{table} in {source.Where} was not read as it is: {warning}. {NamedRow.Remedy}, or raise the server's max_allowed_packet when it speaks of that", new DataException(warning));

    public string NoKeyIndex(string remedy) => $"{table}.{Key} has no index, so every chunk reads the whole table: {remedy}";

    public string NoSnapshots(string engine) =>
        $"{table} is a table of {engine}, which keeps no snapshots: rows that change during a run may fail its chunks. Use InnoDB, or write nothing while a run reads";

    private FeedRejectedException UnreadableColumn(SourceColumn column) =>
        new($"{table}.{column.Name} in {source.Where} is {column.Type}, which cannot be read as {(FacilityColumns.IsCoordinate(column.Name) ? "degrees" : "text")}: change the column's type, or let {_setting} name a view that converts it");
}

using System.Data.Common;
using FacilityFeed.Domain.Reading;
using FacilityFeed.Infrastructure.Settings;
using MySqlConnector;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The one pool of connections to the source database, whatever its engine. They never join an ambient transaction: that one belongs to the ledger.</summary>
public sealed class SourcePool(SourceOptions options) : IAsyncDisposable
{
    /// <summary>The driver's pool.</summary>
    public DbDataSource Database { get; } = options.Engine == SourceEngine.MySql ? MySqlSource.Connect(options) : PostgresSource.Connect(options);

    /// <param name="table">Table or view, with or without its schema.</param>
    /// <param name="feed">Key of the feed that reads it, for messages.</param>
    public IFacilitySource For(string table, string feed = PlainNames.DefaultFeed) => Database switch
    {
        MySqlDataSource mysql => new MySqlSource(mysql, options with { Feed = feed }, table),
        NpgsqlDataSource postgres => new PostgresSource(postgres, options with { Feed = feed }, table),
        _ => throw new InvalidOperationException($"no source reads {Database.GetType()}"),
    };

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

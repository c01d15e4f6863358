using System.Data.Common;
using FacilityFeed.Domain.Reading;
using MySqlConnector;
using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The one pool of connections to the source database, whatever its engine. They never join an ambient transaction: that one belongs to the ledger.</summary>
public sealed class SourcePool(SourceOptions options) : IAsyncDisposable
{
    /// <summary>The driver's pool.</summary>
    public DbDataSource Database { get; } = options.Engine == SourceEngine.MySql ? MySqlSource.Connect(options) : PostgresSource.Connect(options);

    /// <param name="table">Table or view, with or without its schema.</param>
    public IFacilitySource For(string table) => Database switch
    {
        MySqlDataSource mysql => new MySqlSource(mysql, options, table),
        NpgsqlDataSource postgres => new PostgresSource(postgres, options, table),
        _ => throw new InvalidOperationException($"no source reads {Database.GetType()}"),
    };

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}

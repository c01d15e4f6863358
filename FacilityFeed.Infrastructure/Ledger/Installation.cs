using Dapper;
using Npgsql;

namespace FacilityFeed.Infrastructure.Ledger;

/// <summary>This installation: everything that shares one state database. Its id is kept beside every object it stores.</summary>
public sealed record Installation(Guid Id)
{
    /// <summary>Reads the id that the migrations gave the state database.</summary>
    public static async Task<Installation> ReadAsync(NpgsqlDataSource state, CancellationToken cancellationToken)
    {
        await using var connection = await state.OpenConnectionAsync(cancellationToken);
        return new Installation(await connection.QuerySingleAsync<Guid>("SELECT id FROM feed.installation"));
    }
}

using FacilityFeed.Domain;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>The databases of the service's role on the embedded server. The superuser makes them and hands them over; all else is done by their owner.</summary>
internal sealed class OwnDatabases(ClusterHome home, NpgsqlConnectionStringBuilder superuser, NpgsqlConnectionStringBuilder service)
{
    /// <summary>Makes a database unless it is there, and fills it by <paramref name="script"/>: all of it or nothing. Only under the start lock.</summary>
    /// <exception cref="FeedRejectedException">The superuser is needed, and its password file does not hold its password.</exception>
    public async Task EnsureAsync(string database, string? script, CancellationToken cancellationToken)
    {
        switch (await OwnerAsync(database, cancellationToken))
        {
            case null:
                await MakeAsync(database, script, cancellationToken);
                break;
            case ServiceRole.Name:
                break;
            default:
                await TakeOverAsync(database, cancellationToken);
                break;
        }
    }

    private async Task<string?> OwnerAsync(string database, CancellationToken cancellationToken)
    {
        await using var server = NpgsqlDataSource.Create(service);
        await using var owner = server.CreateCommand("SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = $1");
        owner.Parameters.AddWithValue(database);
        return (string?)await owner.ExecuteScalarAsync(cancellationToken);
    }

    private async Task MakeAsync(string database, string? script, CancellationToken cancellationToken)
    {
        await using var server = await ServiceRole.OpenAsync(home, superuser, cancellationToken);
        // Filled under another name first: a process killed in the middle leaves no half-filled database behind.
        var unfinished = $"{database}_unfinished";
        await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {unfinished}", cancellationToken);
        await ExecuteAsync(server, $"CREATE DATABASE {unfinished} OWNER {ServiceRole.Name}", cancellationToken);
        try
        {
            await FillAsync(unfinished, script, cancellationToken);
            await ExecuteAsync(server, $"ALTER DATABASE {unfinished} RENAME TO {database}", cancellationToken);
        }
        catch
        {
            await TryDropAsync(server, unfinished);
            throw;
        }
    }

    private async Task FillAsync(string database, string? script, CancellationToken cancellationToken)
    {
        if (script is not null)
        {
            await using var target = await ServiceRole.OpenAsync(home, new NpgsqlConnectionStringBuilder(service.ConnectionString) { Database = database }, cancellationToken);
            await ExecuteAsync(target, script, cancellationToken);
        }
    }

    /// <summary>
    /// Hands over a database that an older version made as the superuser, with all that is in it: all of it or nothing. (PostgreSQL's own REASSIGN OWNED
    /// refuses for the role that the cluster was made with.)
    /// </summary>
    private async Task TakeOverAsync(string database, CancellationToken cancellationToken)
    {
        await using var connection = await ServiceRole.OpenAsync(home, new NpgsqlConnectionStringBuilder(superuser.ConnectionString) { Database = database }, cancellationToken);
        await using var handover = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, $"""
            DO $$
            DECLARE
                thing text;
                me oid := current_user::regrole;
            BEGIN
                FOR thing IN
                    WITH space AS (SELECT oid, nspname, nspowner FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')
                    SELECT format('SCHEMA %I', nspname) FROM space WHERE nspowner = me
                    UNION ALL
                    SELECT format('%s %s', CASE c.relkind WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END, c.oid::regclass)
                    FROM pg_catalog.pg_class c JOIN space ON space.oid = c.relnamespace
                    WHERE c.relowner = me AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
                        -- The sequence of a column goes with its table, and what an extension brought stays its own.
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND (d.deptype = 'e' OR (c.relkind = 'S' AND d.deptype IN ('a', 'i'))))
                    UNION ALL
                    SELECT format('ROUTINE %s', p.oid::regprocedure)
                    FROM pg_catalog.pg_proc p JOIN space ON space.oid = p.pronamespace
                    WHERE p.proowner = me AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
                    UNION ALL
                    SELECT format('TYPE %s', t.oid::regtype)
                    FROM pg_catalog.pg_type t JOIN space ON space.oid = t.typnamespace
                    WHERE t.typowner = me AND t.typtype IN ('e', 'd', 'r')
                        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
                LOOP
                    EXECUTE format('ALTER %s OWNER TO {ServiceRole.Name}', thing);
                END LOOP;
            END $$;
            ALTER DATABASE {database} OWNER TO {ServiceRole.Name};
            """, cancellationToken);
        await handover.CommitAsync(cancellationToken);
    }

    private static async Task TryDropAsync(NpgsqlConnection server, string database)
    {
        try
        {
            await ExecuteAsync(server, $"DROP DATABASE IF EXISTS {database}", CancellationToken.None);
        }
        catch (NpgsqlException)
        {
            // What went wrong before is the news; the next attempt drops it.
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

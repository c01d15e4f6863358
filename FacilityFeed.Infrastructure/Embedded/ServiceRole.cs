using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Files;
using Npgsql;

namespace FacilityFeed.Infrastructure.Embedded;

/// <summary>The role that does the daily work: it owns its databases, and can neither read files nor run programs, as a superuser can.</summary>
internal sealed class ServiceRole(ClusterHome home)
{
    public const string Name = "facilityfeed_service";

    /// <summary>Its connection; null as long as it has not been made.</summary>
    public NpgsqlConnectionStringBuilder? Connection() => FileStatus.Of(home.ServicePasswordFile) is null ? null : With(Name, File.ReadAllText(home.ServicePasswordFile).Trim());

    /// <summary>A connection to this server: scram and nothing else, so that whoever answers in the server's place gets no password out of it.</summary>
    public static NpgsqlConnectionStringBuilder With(string user, string password) => new()
    {
        Port = SocketPlace.Port,
        Username = user,
        Password = password,
        Database = "postgres",
        RequireAuth = "ScramSHA256",
        // There is no TLS on a socket.
        SslMode = SslMode.Disable,
    };

    /// <summary>Its connection; makes the role first, or gives it a new password when its file is gone.</summary>
    public async Task<NpgsqlConnectionStringBuilder> EnsureAsync(NpgsqlConnectionStringBuilder superuser, CancellationToken cancellationToken)
    {
        if (Connection() is not { } connection)
        {
            var password = EmbeddedPostgres.NewPassword();
            await using var server = await OpenAsync(home, superuser, cancellationToken);
            // The password must not get into the server's log, whatever is logged there.
            await using var make = new NpgsqlCommand($"""
                SET log_statement = 'none';
                SET log_min_error_statement = 'panic';
                SET password_encryption = 'scram-sha-256';
                DO $$ BEGIN IF to_regrole('{Name}') IS NULL THEN CREATE ROLE {Name}; END IF; END $$;
                ALTER ROLE {Name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{password}';
                """, server);
            await make.ExecuteNonQueryAsync(cancellationToken);
            // Last: a process that is killed before leaves no file, and the next one sets another password.
            OwnFile.Replace(home.ServicePasswordFile, $"{password}\n");
            connection = With(Name, password);
        }

        connection.Host = superuser.Host;
        return connection;
    }

    /// <summary>A connection of its own, for what only the superuser may do.</summary>
    /// <exception cref="FeedRejectedException">The password file does not hold its password.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(ClusterHome home, NpgsqlConnectionStringBuilder superuser, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(superuser.ConnectionString) { Pooling = false }.ConnectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (NpgsqlException wrong) when (wrong.SqlState is PostgresErrorCodes.InvalidPassword)
        {
            await connection.DisposeAsync();
            throw WrongPassword(home, superuser.Username!, wrong);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public static FeedRejectedException WrongPassword(ClusterHome home, string user, Exception wrong) => user == Name
        ? new FeedRejectedException($"{home.ServicePasswordFile} does not hold the password of the embedded database in {home.Folder}: remove that file, and a new password is set", wrong)
        : new FeedRejectedException($"{home.PasswordFile} does not hold the password of the embedded database in {home.Folder}: restore that file, or move the folder away to begin with an empty one", wrong);
}

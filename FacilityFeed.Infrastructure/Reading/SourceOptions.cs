using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The database that facilities are read from.</summary>
public sealed record SourceOptions
{
    public SourceEngine Engine { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Database { get; init; }

    public required string User { get; init; }

    /// <summary>A secret; any character may stand in it.</summary>
    public required string? Password { get; init; }

    public SourceSsl Ssl { get; init; }

    /// <summary>How long one statement may take, a chunk's read included.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How messages name this database: never with a secret.</summary>
    public string Where => $"{(Engine == SourceEngine.MySql ? "MySQL" : "PostgreSQL")} database '{Database}' at {Host}:{Port}";

    /// <summary>What stays the same while the same data is meant: the sample's port, for one, does not.</summary>
    public string Identity { get => field ?? Where; init; }

    /// <summary>
    /// The server's own time-out for a statement comes first; this catches a server that has stopped answering altogether.
    /// </summary>
    internal int CommandTimeoutSeconds => (int)StatementTimeout.TotalSeconds + 30;

    // A secret must not get into a log with the record around it.
    public override string ToString() => Where;

    /// <summary>Null when nothing of the section is set and the embedded sample may stand in. Reads every key, whatever it returns: one that nothing reads is taken for a typing error.</summary>
    internal static SourceOptions? Read(SettingsReader reader, bool isEmbeddedAllowed)
    {
        string[] connection = ["Engine", "Host", "Port", "Database", "User", "Password"];
        var isSample = isEmbeddedAllowed && !connection.Any(reader.IsSet);
        var engine = reader.Choice("Engine", SourceEngine.PostgreSql,
            ("postgresql", SourceEngine.PostgreSql), ("postgres", SourceEngine.PostgreSql), ("mysql", SourceEngine.MySql), ("mariadb", SourceEngine.MySql));
        var options = new SourceOptions
        {
            Engine = engine,
            Host = reader.Text("Host", "localhost"),
            Port = reader.Whole("Port", whenMissing: engine == SourceEngine.MySql ? 3306 : 5432, least: 1, most: 65535),
            Database = isSample ? "" : reader.Required("Database", "name the database to read, or unset every DB_ name and STATE_DB to read the sample data"),
            User = isSample ? "" : reader.Required("User", "name the database user to read with"),
            Password = reader.Secret("Password"),
            Ssl = reader.Choice("SslMode", SourceSsl.Preferred,
                ("preferred", SourceSsl.Preferred), ("required", SourceSsl.Required), ("verify-full", SourceSsl.VerifyFull), ("none", SourceSsl.None)),
            StatementTimeout = TimeSpan.FromSeconds(reader.Whole("StatementTimeoutSeconds", whenMissing: 600, least: 1, most: 86_400)),
        };
        return isSample ? null : options;
    }
}

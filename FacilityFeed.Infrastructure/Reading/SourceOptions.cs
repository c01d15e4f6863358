using FacilityFeed.Infrastructure.Settings;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The database that facilities are read from.</summary>
public sealed record SourceOptions
{
    public required string Host { get; init; }

    public required int Port { get; init; }

    public required string Database { get; init; }

    public required string User { get; init; }

    /// <summary>A secret; any character may stand in it.</summary>
    public required string? Password { get; init; }

    /// <summary>How long one statement may take, a chunk's read included.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How messages name this database: never with a secret.</summary>
    public string Where => $"PostgreSQL database '{Database}' at {Host}:{Port}";

    /// <summary>What stays the same while the same data is meant: the sample's port, for one, does not.</summary>
    public string Identity { get => field ?? Where; init; }

    /// <summary>Null when nothing of the section is set and the embedded sample may stand in.</summary>
    internal static SourceOptions? Read(SettingsReader reader, bool isEmbeddedAllowed)
    {
        // Asked for first: what nothing has asked for is taken for a typing error.
        var statementTimeout = reader.Whole("StatementTimeoutSeconds", whenMissing: 600, least: 1, most: 86_400);
        string[] connection = ["Engine", "Host", "Port", "Database", "User", "Password"];
        if (isEmbeddedAllowed && !connection.Any(reader.IsSet))
        {
            return null;
        }

        var engine = reader.Choice("Engine", "postgresql", ("postgresql", "postgresql"), ("postgres", "postgresql"), ("mysql", "mysql"));
        if (engine == "mysql")
        {
            reader.Reject("Engine", "MySQL cannot be read yet; use postgresql");
        }

        return new SourceOptions
        {
            Host = reader.Text("Host", "localhost"),
            Port = reader.Whole("Port", whenMissing: 5432, least: 1, most: 65535),
            Database = reader.Required("Database", "name the database to read, or unset every DB_ name and STATE_DB to read the sample data"),
            User = reader.Required("User", "name the database user to read with"),
            Password = reader.Secret("Password"),
            StatementTimeout = TimeSpan.FromSeconds(statementTimeout),
        };
    }
}

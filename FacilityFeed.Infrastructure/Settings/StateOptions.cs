using Npgsql;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>Where Hangfire's jobs and the ledger live, and where this installation keeps its own files.</summary>
public sealed record StateOptions
{
    /// <summary>Connection string of the PostgreSQL that holds Hangfire and the ledger; null: the embedded one. A secret.</summary>
    public required string? ConnectionString { get; init; }

    /// <summary>Absolute path of the folder for the embedded PostgreSQL, spool files and keys.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Which database that is, for a person and without a secret.</summary>
    public string Place => ConnectionString is null ? $"the embedded PostgreSQL in {DataDirectory}" : PlaceOf(ConnectionString);

    /// <summary>Names the database of a connection string, without a secret.</summary>
    public static string PlaceOf(string connectionString)
    {
        var state = new NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL database '{state.Database ?? state.Username}' at {state.Host}:{state.Port}, user '{state.Username}'";
    }

    public string KeyDirectory => Path.Combine(DataDirectory, "keys");

    public string SpoolDirectory => Path.Combine(DataDirectory, "spool");

    internal static StateOptions Read(SettingsReader reader)
    {
        var connectionString = reader.Secret("ConnectionString");
        if (connectionString is not null && !IsConnectionString(connectionString))
        {
            reader.Add($"{reader.Describe("ConnectionString")} is not a connection string: write it as 'Host=...;Port=5432;Database=...;Username=...;Password=...' (a value with ; = or quotes goes into double quotes)");
        }

        return new StateOptions
        {
            ConnectionString = connectionString,
            DataDirectory = Path.GetFullPath(reader.Text("DataDirectory", "data")),
        };
    }

    // What the parser complains of may be a piece of a password, so its message is not shown.
    private static bool IsConnectionString(string text)
    {
        try
        {
            return !string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host);
        }
        catch (Exception unusable) when (unusable is ArgumentException or FormatException or KeyNotFoundException)
        {
            return false;
        }
    }
}

using FacilityFeed.Infrastructure.Reading;
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

    /// <summary>Hosts that are reached without anybody between, such as containers of one network: that TLS is not demanded there needs no warning.</summary>
    public IReadOnlyList<string> TrustedHosts { get; init; } = [];

    /// <summary>Whether what goes to the state database may be seen or changed on the way: it is on another machine, and TLS is not demanded.</summary>
    public bool IsOpenOnTheWay =>
        ConnectionString is not null && new NpgsqlConnectionStringBuilder(ConnectionString) is var state && LocalHost.IsOpenOnTheWay(state.Host, TrustedHosts) && !ClearText.IsEncrypted(state.SslMode);

    public string KeyDirectory => Path.Combine(DataDirectory, "keys");

    internal string FeedDirectory => Path.Combine(DataDirectory, "feeds");

    public string SpoolDirectory => Path.Combine(DataDirectory, "spool");

    internal static StateOptions Read(SettingsReader reader)
    {
        var connectionString = reader.Secret("ConnectionString");
        if (connectionString is not null && !IsConnectionString(connectionString))
        {
            reader.Add($"{reader.Describe("ConnectionString")} is not a connection string: write it as 'Host=...;Port=5432;Database=...;Username=...;Password=...' (a value with ; = or quotes goes into double quotes)");
        }
        else if (connectionString is not null && WrongPart(connectionString) is { } part)
        {
            reader.Add($"{reader.Describe("ConnectionString")}: its {part} is no plain name (it is not shown, for a secret may be in it): write the name alone, without :// @ : ; ? = or control characters, and the password as Password=...");
        }

        return new StateOptions
        {
            ConnectionString = connectionString,
            TrustedHosts = reader.Hosts("TrustedHosts"),
            DataDirectory = Path.GetFullPath(reader.Parsed("DataDirectory", "data", PlainValue.CheckedPath, "data")),
        };
    }

    // What the parser complains of may be a piece of a password, so its message is not shown.
    private static bool IsConnectionString(string text)
    {
        try
        {
            // It checks values together, too; nothing is connected.
            NpgsqlDataSource.Create(text).Dispose();
            return !string.IsNullOrEmpty(new NpgsqlConnectionStringBuilder(text).Host);
        }
        catch (Exception unusable) when (unusable is ArgumentException or FormatException or KeyNotFoundException or OverflowException or InvalidCastException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>The parts that messages show, of which none may be the address that belongs elsewhere.</summary>
    /// <returns>The name of one that holds what no such name has; null when all can be shown.</returns>
    private static string? WrongPart(string connectionString)
    {
        var state = new NpgsqlConnectionStringBuilder(connectionString);
        return !IsPlain(() => PlainValue.CheckedHost(state.Host ?? "", portRemedy: null)) ? nameof(state.Host)
            : !IsPlain(() => PlainValue.Checked(state.Database ?? "", PlainValue.OfAddress)) ? nameof(state.Database)
            : !IsPlain(() => PlainValue.Checked(state.Username ?? "", PlainValue.OfUser)) ? nameof(state.Username)
            : null;
    }

    private static bool IsPlain(Func<string> check)
    {
        try
        {
            _ = check();
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

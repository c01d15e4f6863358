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

    /// <summary>Whether it is on the embedded server: the password goes through scram alone, and nobody has set where it is.</summary>
    public bool IsScramOnly { get; init; }

    /// <summary>Whether PostgreSQL may be given the password in clear text without TLS, as LDAP and PAM need it.</summary>
    public bool IsClearTextAllowed { get; init; }

    /// <summary>How long one statement may take, a chunk's read included.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Hosts that are reached without anybody between, such as containers of one network: that TLS is not demanded there needs no warning.</summary>
    public IReadOnlyList<string> TrustedHosts { get; init; } = [];

    /// <summary>Whether the password, or what it proves, may be seen or changed on the way: the host is another machine, and TLS is not demanded.</summary>
    public bool IsOpenOnTheWay => LocalHost.IsOpenOnTheWay(Host, TrustedHosts) && Ssl is (SourceSsl.Preferred or SourceSsl.None);

    /// <summary>How messages name this database: never with a secret.</summary>
    public string Where => $"{(Engine == SourceEngine.MySql ? "MySQL" : "PostgreSQL")} database '{Database}' at {Host}:{Port}";

    /// <summary>Key of the feed that reads, for messages about its settings.</summary>
    public string Feed { get; init; } = PlainNames.DefaultFeed;

    /// <summary>How messages call a setting of the feed that reads.</summary>
    internal string FeedSetting(string name) => PlainNames.OfFeed(Feed, name);

    /// <summary>What stays the same while the same data is meant: the sample's port, for one, does not.</summary>
    public string Identity { get => field ?? Where; init; }

    /// <summary>
    /// The server's own time-out for a statement comes first; this catches a server that has stopped answering altogether.
    /// </summary>
    internal int CommandTimeoutSeconds => (int)(StatementTimeout + AnswerLimit).TotalSeconds;

    /// <summary>How long is waited for an answer to what takes the server no time: a connection's opening and end, and beyond a statement's time-out.</summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>An end for one statement, whatever the server sends meanwhile, and for all the waiting for a chunk's rows.</summary>
    internal TimeSpan StatementLimit => StatementTimeout + AnswerLimit;

    /// <summary>An end for a chunk's opening: a connection, a look at the catalogue, and its count.</summary>
    internal TimeSpan OpenLimit => StatementLimit + AnswerLimit;

    /// <summary>An end for a plan's opening, from its connection to its first jump: five statements that may each read the whole table.</summary>
    internal TimeSpan PlanLimit => 6 * StatementLimit;

    /// <summary>How many statements' time all jumps of a plan have together: two hours and three quarters as shipped, where two thousand take milliseconds each with an index.</summary>
    public int JumpShare { get; init; } = 30;

    /// <summary>An end for all jumps of a plan.</summary>
    internal TimeSpan JumpsLimit => JumpShare * StatementLimit;

    /// <summary>An end for an exam: a check, and a plan's opening.</summary>
    public TimeSpan ExamLimit => OpenLimit + PlanLimit;

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
            Host = reader.Parsed("Host", "localhost", host => PlainValue.CheckedHost(host, engine == SourceEngine.MySql ? $", and the port is {reader.Describe("Port")}" : null), "wrong"),
            Port = reader.Whole("Port", whenMissing: engine == SourceEngine.MySql ? 3306 : 5432, least: 1, most: 65535),
            Database = isSample ? "" : reader.RequiredParsed("Database", "name the database to read, or unset every DB_ name and STATE_DB to read the sample data", name => PlainValue.Checked(name, PlainValue.OfAddress)),
            User = isSample ? "" : reader.RequiredParsed("User", "name the database user to read with", user => PlainValue.Checked(user, PlainValue.OfUser)),
            Password = reader.Secret("Password"),
            Ssl = reader.Choice("SslMode", SourceSsl.Preferred,
                ("preferred", SourceSsl.Preferred), ("required", SourceSsl.Required), ("verify-full", SourceSsl.VerifyFull), ("none", SourceSsl.None)),
            IsClearTextAllowed = reader.Choice("AllowClearTextPassword", false, ("true", true), ("false", false)),
            TrustedHosts = reader.Hosts("TrustedHosts"),
            StatementTimeout = TimeSpan.FromSeconds(reader.Whole("StatementTimeoutSeconds", whenMissing: 300, least: 1, most: 86_400)),
        };
        return isSample ? null : options;
    }
}

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>The kinds of database that facilities are read from.</summary>
public enum SourceEngine
{
    PostgreSql,

    /// <summary>MySQL, MariaDB and what speaks their protocol.</summary>
    MySql,
}

using Npgsql;

namespace FacilityFeed.Infrastructure.Reading;

/// <summary>
/// Which ways of proving itself the PostgreSQL driver may use. A server that asks for the password in clear text gets it only over TLS, or where a
/// setting says so: whoever answers at its address could ask.
/// </summary>
internal static class ClearText
{
    /// <summary>The source's setting; the state database's is <c>Require Auth</c> in its own connection string.</summary>
    public const string Setting = "Source:AllowClearTextPassword";

    // Of what is left, scram and md5 never show the password; the others (trust, peer, Kerberos) need none.
    private const string AllButClearText = "!Password";

    // Read by the driver itself where the connection string says nothing.
    private const string DriversOwn = "PGREQUIREAUTH";

    /// <summary>Null: what the driver does by itself.</summary>
    /// <param name="ssl">How the connection is encrypted.</param>
    /// <param name="isAllowed">Whether a setting allows clear text.</param>
    /// <param name="chosen">What a person chose already.</param>
    public static string? RequireAuth(SslMode ssl, bool isAllowed, string? chosen) =>
        chosen ?? (isAllowed || IsEncrypted(ssl) || Environment.GetEnvironmentVariable(DriversOwn) is { Length: > 0 } ? null : AllButClearText);

    /// <summary>Whether a connection comes about with TLS only.</summary>
    public static bool IsEncrypted(SslMode ssl) => ssl is SslMode.Require or SslMode.VerifyCA or SslMode.VerifyFull;
}

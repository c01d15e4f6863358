namespace FacilityFeed.Infrastructure.Reading;

/// <summary>How a connection to the source is encrypted.</summary>
public enum SourceSsl
{
    /// <summary>Encrypted when the server offers it.</summary>
    Preferred,

    /// <summary>Encrypted, whoever the server is.</summary>
    Required,

    /// <summary>Encrypted, and the server's certificate is trusted and names the host.</summary>
    VerifyFull,

    None,
}

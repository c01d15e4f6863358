namespace FacilityFeed.Domain;

/// <summary>
/// Stands in for a cause that holds what another program said and no terminal, log or page should get: the same text with its stack, written out.
/// </summary>
internal sealed class ForeignException : Exception
{
    private ForeignException(string text)
        : base(text)
    {
    }

    /// <summary>The cause itself, where its text is harmless: nearly always.</summary>
    public static Exception? Harmless(Exception? cause)
    {
        if (cause is null or FeedException)
        {
            return cause;
        }

        var text = cause.ToString().ReplaceLineEndings();
        var shown = ForeignText.InLines(text);
        return shown == text ? cause : new ForeignException(shown);
    }
}

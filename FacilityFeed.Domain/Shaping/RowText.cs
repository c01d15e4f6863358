namespace FacilityFeed.Domain.Shaping;

/// <summary>Makes of the value of one field a text to go on with, and warns of what had to be done for it.</summary>
internal static class RowText
{
    // Taking a control out may leave another entity behind ("&am&#0;p;"); nobody but a joker goes further than this.
    private const int MostRounds = 4;

    /// <summary>Without entities of HTML, and by the rule for text.</summary>
    /// <returns>Empty when there is nothing to be seen.</returns>
    public static ReadOnlyMemory<byte> Clean(FacilityField field, ReadOnlyMemory<byte> value, RowScratch scratch, RowWarnings warnings)
    {
        if (TextRule.IsPlain(value.Span))
        {
            return value;
        }

        // Entities first: a control that is written as one must not get past the rule for text.
        var (text, hasEntities, isMended) = (value, false, false);
        for (var round = 0; round < MostRounds; round++)
        {
            text = TextRule.Clean(HtmlEntities.Decode(text, scratch, out var isDecoded), scratch, out var isMendedNow);
            if (!isDecoded && !isMendedNow)
            {
                break;
            }

            (hasEntities, isMended) = (hasEntities || isDecoded, isMended || isMendedNow);
        }

        Tell(hasEntities, field, Flaw.EntitiesDecoded, value, warnings);
        Tell(isMended, field, Flaw.CharactersRemoved, value, warnings);
        return text;
    }

    /// <summary>Without entities of HTML only.</summary>
    public static ReadOnlyMemory<byte> Decode(FacilityField field, ReadOnlyMemory<byte> value, RowScratch scratch, RowWarnings warnings)
    {
        var text = HtmlEntities.Decode(value, scratch, out var isDecoded);
        Tell(isDecoded, field, Flaw.EntitiesDecoded, value, warnings);
        return text;
    }

    private static void Tell(bool isSo, FacilityField field, Flaw flaw, ReadOnlyMemory<byte> value, RowWarnings warnings)
    {
        if (isSo)
        {
            warnings.Add(field, flaw, value);
        }
    }
}

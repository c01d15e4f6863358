using System.Xml;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>Looks at an answer before the SDK does, which takes XML of any shape, and the time and memory for it.</summary>
internal static class S3Xml
{
    private static readonly XmlReaderSettings _strict = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        // A key may hold characters that XML has not, and they come as they may.
        CheckCharacters = false,
    };

    /// <summary>Whether it is one XML document, and as small and flat as S3's are.</summary>
    public static bool IsOne(byte[] utf8)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(utf8, writable: false));
            using var reader = XmlReader.Create(text, _strict);
            var elements = 0;
            while (reader.Read())
            {
                elements += reader.NodeType == XmlNodeType.Element ? 1 : 0;
                if (elements > S3Limits.Elements || reader.Depth > S3Limits.Depth || reader.AttributeCount > S3Limits.Attributes)
                {
                    return false;
                }
            }

            return elements > 0;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}

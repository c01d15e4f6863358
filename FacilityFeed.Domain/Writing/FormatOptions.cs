namespace FacilityFeed.Domain.Writing;

/// <summary>The settings of one feed as its format asks for them. What is wrong with them is reported, and a stand-in goes on.</summary>
/// <param name="entityIdPrefix">Comes before the key in each <c>entity_id</c>; letters, digits and <c>- . _ ~</c>.</param>
/// <param name="find">The value of a setting; null when it is not set.</param>
/// <param name="reject">Told the name of a setting and what is wrong with it.</param>
public sealed class FormatOptions(string entityIdPrefix, Func<string, string?> find, Action<string, string> reject)
{
    /// <summary>Most characters in a prefix.</summary>
    public const int LongestPrefix = 40;

    /// <summary>Most characters in a key, a minus sign included.</summary>
    public const int LongestKey = 20;

    /// <summary>Most characters in an <c>entity_id</c>.</summary>
    public const int LongestEntityId = LongestPrefix + LongestKey;

    /// <summary>Nothing is set.</summary>
    public static FormatOptions None { get; } = new("", _ => null, (_, _) => { });

    /// <summary>Comes before the key in each <c>entity_id</c>; empty, or at most <see cref="LongestPrefix"/> URL-safe characters.</summary>
    public string EntityIdPrefix { get; } = entityIdPrefix;

    /// <summary>A setting that <paramref name="parse"/> understands; its exception's message tells what is wrong. One that is not set is the empty text.</summary>
    public T Parsed<T>(string name, Func<string, T> parse, T whenWrong)
    {
        try
        {
            return parse(find(name) ?? "");
        }
        catch (FormatException wrong)
        {
            reject(name, wrong.Message);
            return whenWrong;
        }
    }
}

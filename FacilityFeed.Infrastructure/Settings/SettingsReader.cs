using System.Globalization;
using FacilityFeed.Domain;
using Microsoft.Extensions.Configuration;

namespace FacilityFeed.Infrastructure.Settings;

/// <summary>
/// Reads values of one section and collects what is wrong with them, so that a person sees every problem at once.
/// An unusable value is reported and its default goes on, only to find the next problem.
/// </summary>
internal sealed class SettingsReader(IConfiguration configuration, string section, List<string> problems, AskedSettings asked)
{
    public string Section { get; } = section;

    public bool IsSet(string name) => !string.IsNullOrEmpty(Value(name));

    public SettingsReader Child(string name) => new(configuration, Key(name), problems, asked);

    /// <summary>Says that this section is not read, so that its keys are not taken for typing errors.</summary>
    public void LeaveOut() => asked.LeaveOut(Section);

    public IEnumerable<string> ChildNames() => configuration.GetSection(Section).GetChildren().Select(child => child.Key);

    public string Text(string name, string whenMissing) => IsSet(name) ? Value(name)! : whenMissing;

    /// <summary>A value that is never shown in a message.</summary>
    public string? Secret(string name) => IsSet(name) ? Value(name) : null;

    public string Required(string name, string remedy)
    {
        if (!IsSet(name))
        {
            problems.Add($"{Describe(name)} is not set: {remedy}");
        }

        return Value(name) ?? "";
    }

    public int Whole(string name, int whenMissing, int least, int most)
    {
        if (!IsSet(name))
        {
            return whenMissing;
        }

        if (int.TryParse(Value(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
        {
            return number;
        }

        Reject(name, $"it must be a whole number from {least} to {most}");
        return whenMissing;
    }

    /// <summary>One of a few words; upper and lower case are the same.</summary>
    public T Choice<T>(string name, T whenMissing, params (string Word, T Value)[] choices)
    {
        if (!IsSet(name))
        {
            return whenMissing;
        }

        var word = Value(name);
        foreach (var choice in choices)
        {
            if (string.Equals(choice.Word, word, StringComparison.OrdinalIgnoreCase))
            {
                return choice.Value;
            }
        }

        Reject(name, $"it must be one of {string.Join(", ", choices.Select(choice => choice.Word))}");
        return whenMissing;
    }

    /// <summary>A value that <paramref name="parse"/> understands; its exception's message tells what is wrong.</summary>
    public T Parsed<T>(string name, string whenMissing, Func<string, T> parse, T whenWrong) => Parsed(name, parse, whenWrong, Text(name, whenMissing));

    /// <summary>A length of time with its unit; null where it is written <c>off</c>.</summary>
    public TimeSpan? Time(string name, TimeSpan? whenMissing, TimeSpan least, TimeSpan most) => !IsSet(name) ? whenMissing : Parsed<TimeSpan?>(name, "", text =>
    {
        if (string.Equals(text, "off", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        try
        {
            return TimeText.Parse(text) is var time && time >= least && time <= most ? time : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException($"it must be a length of time from {TimeText.Of(least)} to {TimeText.Of(most)}, as in 90min, 36h or 7d; or off");
        }
    }, whenMissing);

    /// <summary>Names or addresses of hosts, with commas between them; none when it is not set.</summary>
    public IReadOnlyList<string> Hosts(string name) =>
        Parsed(name, "", hosts => PlainValue.CheckedHost(hosts, ", and no port"), "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A value that must be given, and that <paramref name="parse"/> understands.</summary>
    public string RequiredParsed(string name, string remedy, Func<string, string> parse) => Parsed(name, parse, "wrong", Required(name, remedy));

    private T Parsed<T>(string name, Func<string, T> parse, T whenWrong, string text)
    {
        try
        {
            return parse(text);
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            Reject(name, wrong.Message, text, isHidden: wrong is PlainValue.HiddenValueException);
            return whenWrong;
        }
    }

    public void Reject(string name, string why) => Reject(name, why, Value(name) ?? "");

    public void Add(string problem) => problems.Add(problem);

    public string Describe(string name) => PlainNames.Describe(Key(name));

    private void Reject(string name, string why, string value, bool isHidden = false) => problems.Add($"{Describe(name)} {PlainValue.Show(name, value, isHidden)}: {why}");

    private string? Value(string name)
    {
        asked.Add(Key(name));
        return configuration[Key(name)];
    }

    private string Key(string name) => Section.Length == 0 ? name : $"{Section}:{name}";
}

using System.Text.RegularExpressions;
using FacilityFeed.Domain.Shaping.Patterns;

namespace FacilityFeed.Tests.Shaping.Patterns;

/// <summary>Every sign that a pattern may have, and those that it may not.</summary>
public sealed class CodePatternTests
{
    [TestCase("")]
    [TestCase("A")]
    [TestCase(@"\d")]
    [TestCase(@"\d{5}(?:-\d{4})?")]
    [TestCase("[A-C2]")]
    [TestCase(@"[\dA]")]
    [TestCase("(1|23)4")]
    [TestCase("1(?:2|3(?:4|5)){2}")]
    [TestCase("1{2,4}")]
    [TestCase("(?:1|12){1,2}2?")]
    [TestCase("1?1?1")]
    [TestCase("1{0}2")]
    [TestCase("1|12|123|")]
    [TestCase("[12][23] ?[34]-")]
    [TestCase("(?:12|1[23])4|13[45]|1(?:3|4)5")]
    public void MatchesWhatARegexDoes(string pattern)
    {
        var ours = new CodePattern(pattern);
        // By ECMAScript's rules \d is 0 to 9 only.
        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.ECMAScript);
        var texts = TextsOf("12345AC- ", 4).Append("11111").Append("12345-6789").Append("98101").Append("é").Append("１").Append("\u0012").ToList();

        var differing = texts.Where(text => ours.IsMatch(text) != regex.IsMatch(text));

        Assert.That(differing, Is.Empty);
    }

    [TestCase("1*", 2)]
    [TestCase("1+", 2)]
    [TestCase("a", 1)]
    [TestCase(".", 1)]
    [TestCase("^1", 1)]
    [TestCase("1$", 2)]
    [TestCase(@"\w", 2)]
    [TestCase("(?=1)1", 3)]
    [TestCase("(?:1", 5)]
    [TestCase("1)", 2)]
    [TestCase("[1", 3)]
    [TestCase("[1-", 4)]
    [TestCase("[1-]", 4)]
    [TestCase(@"[\d-9]", 5)]
    [TestCase("[^1]", 2)]
    [TestCase("1{2", 3)]
    [TestCase("[A-a]", 4)]
    public void RefusesWhatItWouldReadWrongly(string pattern, int at) =>
        Assert.That(() => new CodePattern(pattern), Throws.TypeOf<FormatException>().With.Message.Contains($"'{pattern}' cannot be read from character {at} on"));

    [TestCase("1[2-5]|23", "[12]3|14?", new[] { "13", "14", "23" })]
    [TestCase(@"\d{3}", @"12?\d{2}|3", new[] { "12", "123", "103", "3", "1234" })]
    [TestCase("(?:1|2){2}", "2(?:1|3)?", new[] { "21", "2", "22", "23" })]
    public void AndIsBoth_AndAnyOfIsOneOfThem(string one, string other, string[] texts)
    {
        var both = new CodePattern(one).And(new CodePattern(other));
        var any = CodePattern.AnyOf([new CodePattern(one), new CodePattern(other)]);

        Assert.Multiple(() =>
        {
            foreach (var text in texts.Concat(TextsOf("1234", 4)))
            {
                var (first, second) = (new CodePattern(one).IsMatch(text), new CodePattern(other).IsMatch(text));
                Assert.That(both.IsMatch(text), Is.EqualTo(first && second), text);
                Assert.That(any.IsMatch(text), Is.EqualTo(first || second), text);
            }
        });
    }

    [Test]
    public void AnyOfNoneMatchesNothing() => Assert.That(CodePattern.AnyOf([]).IsMatch(""), Is.False);

    [Test]
    public void MatchesTheSameFromManyThreads()
    {
        var pattern = new CodePattern("(?:1[2-5]|2[13-9]|[3-9]1)(?:0[1-9]|[1-9]0){2}");
        var regex = new Regex(@"\A(?:(?:1[2-5]|2[13-9]|[3-9]1)(?:0[1-9]|[1-9]0){2})\z");

        var differing = Enumerable.Range(0, 1_000_000).AsParallel().Select(number => $"{number:D6}").Where(text => pattern.IsMatch(text) != regex.IsMatch(text));

        Assert.That(differing, Is.Empty);
    }

    private static IEnumerable<string> TextsOf(string characters, int longest) =>
        longest == 0 ? [""] : TextsOf(characters, longest - 1).SelectMany(text => text.Length < longest - 1 ? [text] : characters.Select(character => text + character).Prepend(text));
}

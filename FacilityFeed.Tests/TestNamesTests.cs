using System.Reflection;

namespace FacilityFeed.Tests;

/// <summary>
/// A test whose name has a character that XML cannot hold is lost on the way from the runner: it is neither run nor reported. NUnit writes out some
/// controls (\0, \a and the white space among them), and not the others.
/// </summary>
public sealed class TestNamesTests
{
    private const string WrittenOut = "\0\a\b\t\n\v\f\r\u007F\u0085";

    [Test]
    public void NoTestCaseIsLost_ForTheCharactersInItsName()
    {
        var lost = from method in typeof(TestNamesTests).Assembly.GetTypes().SelectMany(type => type.GetMethods())
                   from test in method.GetCustomAttributes<TestCaseAttribute>()
                   where test.TestName is null && test.Arguments.Any(IsLost)
                   select $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", test.Arguments.Select(argument => Uri.EscapeDataString($"{argument}".Replace('\uD800', '?'))))}) needs a TestName";

        Assert.That(lost, Is.Empty);
    }

    private static bool IsLost(object? argument) => argument switch
    {
        string text => text.Where((_, at) => IsLost(text, at)).Any(),
        char character => IsLost(character.ToString(), 0),
        object?[] inside => inside.Any(IsLost),
        _ => false,
    };

    private static bool IsLost(string text, int at) => text[at] switch
    {
        '\uFFFE' or '\uFFFF' => true,
        var control when char.IsControl(control) => !WrittenOut.Contains(control),
        var half when char.IsSurrogate(half) => !((at + 1 < text.Length && char.IsSurrogatePair(text, at)) || (at > 0 && char.IsSurrogatePair(text, at - 1))),
        _ => false,
    };
}

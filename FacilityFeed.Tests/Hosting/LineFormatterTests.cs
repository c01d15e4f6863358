using FacilityFeed.Scheduler.Hosting;
using FacilityFeed.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace FacilityFeed.Tests.Hosting;

/// <summary>No text, wherever it comes from, is more than text in the log or at a terminal.</summary>
public sealed class LineFormatterTests
{
    // In the body of the tests: a control character in a test's name would lose the test.
    private static readonly string[] _tricks =
    [
        "\n2026-01-01T00:00:00Z info  all is well", "\r2026-01-01T00:00:00Z info  all is well", "\u2028fake", "\u0085fake", "\u001b[2K\u001b[1A", "\u009b2K", "\a", "\b\b\b", "\0",
        "\u001b]8;;evil.example\u001b\\here\u001b]8;;\u001b\\", "\u202eevil", "\u2066x\u2069", "\ud800",
    ];

    [Test]
    public void ALogLine_IsOneLine_WhateverIsInIt([Values] bool isVerbose)
    {
        foreach (var trick in _tricks)
        {
            var lines = Written($"before{trick}after", new InvalidOperationException($"why{trick}not", new ArgumentException($"inner{trick}most")), isVerbose);

            Assert.That(lines[0], Does.Match("^20..-..-..T..:..:..Z warn  before.*after \\(inner.*most\\)$"));
            Assert.That(lines.Skip(1), isVerbose ? Has.All.StartsWith("    ") : Is.Empty, "a stack's lines are kept, indented");
            Assert.That(string.Concat(lines).Where(character => char.IsControl(character) || character is '\u202e' or '\u2028' or '\u2066' || char.IsSurrogate(character)), Is.Empty);
        }
    }

    [Test]
    public void AStackTrace_KeepsItsLines()
    {
        Exception thrown;
        try
        {
            throw new InvalidOperationException("first\nsecond");
        }
        catch (InvalidOperationException caught)
        {
            thrown = caught;
        }

        Assert.That(Written("it failed", thrown, isVerbose: true)[1..4], Is.EqualTo(new[] { "    System.InvalidOperationException: first", "    second", Written("it failed", thrown, isVerbose: true)[3] }));
        Assert.That(Written("it failed", thrown, isVerbose: true)[3], Does.StartWith("       at FacilityFeed.Tests."));
    }

    [Test]
    public void APrintedText_KeepsItsLinesAndTabs_AndNothingElseThatMoves()
    {
        foreach (var print in new Action<TextWriter, string>[]
        {
            (writer, text) => writer.Write(text), (writer, text) => writer.Write(text.ToCharArray()), (writer, text) => writer.Write(text.AsSpan()),
            (writer, text) => writer.WriteAsync(text).GetAwaiter().GetResult(), (writer, text) => text.ToList().ForEach(writer.Write),
        })
        {
            var printed = new StringWriter();
            using var writer = new PlainWriter(printed);

            print(writer, "a\tb\né \u001b[31m\a\u202e\u009b \ud83d\ude00");

            Assert.That(printed.ToString(), Is.EqualTo("a\tb\né \\u001B[31m\\u0007\\u202E\\u009B \ud83d\ude00"));
        }
    }

    [Test]
    public async Task ASettingsError_IsOneLine_WhateverTheValue()
    {
        await using var installation = Installation.Bare();
        installation.Settings["DB_PORT"] = "5432\nerror, all is well\u001b[31m\u202e";
        installation.Settings["S3_PREFIX"] = "a\nb";
        installation.Settings["DB_PORTX\nerror: fake"] = "1";

        var result = await installation.RunAsync("status");

        Assert.That(result.ExitCode, Is.EqualTo(2));
        Assert.That(result.ErrorLines, Has.All.Match("^(error|warning): [A-Z]"));
        Assert.That(result.Errors, Does.Contain("DB_PORT (Source:Port) is '5432\\u000Aerror, all is well\\u001B[31m\\u202E'").And.Contain("S3_PREFIX").And.Not.Contain("\u001b").And.Not.Contain("\u202e"));
    }

    [Test]
    public async Task AnUnknownCommand_IsNoCommandToTheTerminal()
    {
        await using var installation = Installation.Bare();

        var result = await installation.RunAsync("sta\u001b[2Ktus\nerror, fake");
        var verdict = await installation.RunAsync("verify", installation.Folder.File("no\u001b]8;;evil.example\u001b\\where"));

        Assert.That(result.Errors + verdict.Errors + verdict.Output, Does.Not.Contain("\u001b").And.Contain("\\u001B"));
        Assert.That(result.ErrorLines, Has.None.StartsWith("error, fake"));
    }

    private static string[] Written(string message, Exception failure, bool isVerbose)
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.AddConsole().AddConsoleFormatter<LineFormatter, LineFormatterOptions>(options => options.ShowsStackTraces = isVerbose)).BuildServiceProvider();
        var formatter = services.GetServices<ConsoleFormatter>().Single(one => one.Name == LineFormatter.FormatterName);
        using var written = new StringWriter();
        var entry = new LogEntry<string>(LogLevel.Warning, "category", default, message, failure, (state, _) => state);
        formatter.Write(in entry, scopeProvider: null, written);
        return written.ToString().TrimEnd('\n').Split('\n');
    }
}

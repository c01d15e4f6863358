using System.Globalization;
using FacilityFeed.Domain;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>Whether log lines carry stack traces.</summary>
public sealed class LineFormatterOptions : ConsoleFormatterOptions
{
    public bool ShowsStackTraces { get; set; }
}

/// <summary>One line per event: time, level, message, and the message of an exception; its stack trace only when asked for, in indented lines. No text can end a line or fake one.</summary>
public sealed class LineFormatter(IOptionsMonitor<LineFormatterOptions> options) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = PrintedText.InOneLine(logEntry.Formatter(logEntry.State, logEntry.Exception));
        var time = DateTime.UtcNow.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        textWriter.Write($"{time} {Word(logEntry.LogLevel)} {message}");
        if (logEntry.Exception is { } exception)
        {
            textWriter.Write($" ({PrintedText.InOneLine(Innermost(exception).Message)})");
        }

        textWriter.WriteLine();
        if (logEntry.Exception is not null && options.CurrentValue.ShowsStackTraces)
        {
            textWriter.WriteLine(PrintedText.InLines(logEntry.Exception.ToString()));
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => "error",
        LogLevel.Warning => "warn ",
        LogLevel.Information => "info ",
        _ => "debug",
    };

    // Hangfire wraps what a job threw; our own exceptions say it best.
    private static Exception Innermost(Exception exception) =>
        exception is not FeedException && exception.InnerException is { } inner ? Innermost(inner) : exception;
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using FacilityFeed.Domain;
using FacilityFeed.Infrastructure.Ledger;
using FacilityFeed.Infrastructure.Settings;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>The commands and what all of them share: errors become one line each and an exit code.</summary>
internal static class CommandLine
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int BadConfiguration = 2;
    public const int Held = 3;
    public const int Superseded = 4;
    public const int Cancelled = 130;

    // A word that begins with an @ is not the name of a file with further words.
    private static readonly ParserConfiguration _parser = new() { ResponseFileTokenReplacer = null };

    private static readonly Option<bool> _verbose = new("--verbose") { Description = "Log every step, with stack traces", Recursive = true };

    /// <summary>As people write it: help, usage and messages name what can be typed.</summary>
    public const string Program = "./run";

    public static Command Create()
    {
        var root = new Command(Program, "FacilityFeed makes complete, valid feeds of facilities on durable background jobs.")
        {
            Serve(), Publish(), Status(),
            Redrive(), PublishAnyway(), Discard(), Rejects(),
            OfRun("cancel", "Stop a run before its manifest is written", ControlCommand.CancelAsync),
            OfFeed("pause", "Keep a feed's schedule from starting runs", ControlCommand.PauseAsync),
            OfFeed("resume", "Let a paused feed's schedule start runs again", ControlCommand.ResumeAsync),
            OfFeed("forget", "Remove the schedule of a feed that is no longer configured", ControlCommand.ForgetAsync),
            Verify(), Diff(), Doctor(), _verbose, new HelpOption(), new VersionOption(),
        };
        root.SetAction((parsed, _) => GuardAsync(parsed, stop => ServeCommand.RunAsync(parsed.GetValue(_verbose), stop)));
        return root;
    }

    /// <summary>Runs the command that was given; words that are not understood are a configuration error.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        StatusLine.Install();
        PlainWriter.Install();
        var parsed = Create().Parse(args, _parser);
        if (parsed.Action is ParseErrorAction)
        {
            await UsageText.RefuseAsync(parsed);
            return BadConfiguration;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static Command Serve()
    {
        var command = new Command("serve", "Run schedules, workers and the dashboard (the default)");
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => ServeCommand.RunAsync(parsed.GetValue(_verbose), stop)));
        return command;
    }

    private static Command Publish()
    {
        var feed = new Argument<string>("feed") { Description = "Key of the feed, for example facility" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object on stdout" };
        var command = new Command("publish", "Make a feed now and wait for its end") { feed, json };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => PublishCommand.RunAsync(parsed.GetRequiredValue(feed), parsed.GetValue(json), parsed.GetValue(_verbose), stop)));
        return command;
    }

    private static Command Status()
    {
        var run = MaybeRun("run", "Number of a run; all recent ones when left out");
        var json = new Option<bool>("--json") { Description = "Print one JSON object on stdout" };
        var command = new Command("status", "Show the feeds and their recent runs, or one run in full") { run, json };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => StatusCommand.RunAsync(parsed.GetValue(run), parsed.GetValue(json), parsed.GetValue(_verbose), stop)));
        return command;
    }

    private static Command Redrive()
    {
        var force = Force();
        var command = OfRun("redrive", "Let a failed run go on: its failed chunks only", (parsed, run, stop) => GoOnCommand.RedriveAsync(run, parsed.GetValue(force), parsed.GetValue(_verbose), stop));
        command.Add(force);
        return command;
    }

    private static Command PublishAnyway()
    {
        var force = Force();
        var reason = new Option<string>("--reason") { Description = "Why, for the run's audit trail", Required = true };
        var command = OfRun("publish-anyway", "Publish a held run as it is", (parsed, run, stop) => GoOnCommand.PublishAnywayAsync(run, parsed.GetRequiredValue(reason), parsed.GetValue(force), parsed.GetValue(_verbose), stop));
        command.Add(reason);
        command.Add(force);
        return command;
    }

    private static Command Discard()
    {
        var reason = new Option<string?>("--reason") { Description = "Why, for the run's audit trail" };
        var command = OfRun("discard", "Decide against a held run", (parsed, run, stop) => ControlCommand.DiscardAsync(run, parsed.GetValue(reason), parsed.GetValue(_verbose), stop));
        command.Add(reason);
        return command;
    }

    private static Command Rejects()
    {
        var warnings = new Option<bool>("--warnings") { Description = "Records that went out changed, instead of those that were left out" };
        var command = OfRun("rejects", "List the records that a run left out, as JSON lines", (parsed, run, stop) => RejectsCommand.RunAsync(run, parsed.GetValue(warnings), parsed.GetValue(_verbose), stop));
        command.Add(warnings);
        return command;
    }

    private static Option<bool> Force() => new("--force") { Description = "Also when the run was requested longer ago than its feed's RedriveWithin, and its data is as old" };

    private static Argument<long?> MaybeRun(string name, string description) => new(name) { Description = description, Arity = ArgumentArity.ZeroOrOne, CustomParser = UsageText.RunNumber };

    private static Command OfRun(string name, string description, Func<long, bool, CancellationToken, Task<int>> order) =>
        OfRun(name, description, (parsed, run, stop) => order(run, parsed.GetValue(_verbose), stop));

    private static Command OfRun(string name, string description, Func<ParseResult, long, CancellationToken, Task<int>> order)
    {
        var run = new Argument<long>("run") { Description = "Number of the run, as in status", CustomParser = given => UsageText.RunNumber(given) ?? 0 };
        var command = new Command(name, description) { run };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => order(parsed, parsed.GetRequiredValue(run), stop)));
        return command;
    }

    private static Command OfFeed(string name, string description, Func<string, bool, CancellationToken, Task<int>> order)
    {
        var feed = new Argument<string>("feed") { Description = "Key of the feed, for example facility" };
        var command = new Command(name, description) { feed };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => order(parsed.GetRequiredValue(feed), parsed.GetValue(_verbose), stop)));
        return command;
    }

    private static Command Verify()
    {
        var manifest = new Argument<string>("manifest") { Description = "Path or s3:// address of a manifest or of metadata.json" };
        var json = new Option<bool>("--json") { Description = "Print one JSON object a finding on stdout, and one for the whole at the end" };
        var command = new Command("verify", "Read a published feed back and check it") { manifest, json };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => VerifyCommand.RunAsync(parsed.GetRequiredValue(manifest), parsed.GetValue(json), stop)));
        return command;
    }

    private static Command Diff()
    {
        var against = MaybeRun("against", "The run to compare it with; the last published one before it when left out");
        var json = new Option<bool>("--json") { Description = "Print one JSON object on stdout" };
        var command = OfRun("diff", "Say which records a run adds, removes and changes",
            (parsed, run, stop) => DiffCommand.RunAsync(run, parsed.GetValue(against), parsed.GetValue(json), parsed.GetValue(_verbose), stop));
        command.Add(against);
        command.Add(json);
        return command;
    }

    private static Command Doctor()
    {
        var json = new Option<bool>("--json") { Description = "Print one JSON object a finding on stdout, and one for the whole at the end" };
        var command = new Command("doctor", "Connect to everything that is configured and say what is wrong and what to do") { json };
        command.SetAction((parsed, _) => GuardAsync(parsed, stop => DoctorCommand.RunAsync(parsed.GetValue(json), stop)));
        return command;
    }

    private static async Task<int> GuardAsync(ParseResult parsed, Func<CancellationToken, Task<int>> run)
    {
        using var interruption = new Interruption();
        try
        {
            return await run(interruption.Token);
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Cancelled;
        }
        catch (RefusedException refused)
        {
            await Console.Error.WriteLineAsync($"error: {PrintedText.InOneLine(refused.Message)}");
            return Failed;
        }
        catch (SettingsException settings)
        {
            foreach (var problem in settings.Problems)
            {
                await Console.Error.WriteLineAsync($"error: {PrintedText.InOneLine(problem)}");
            }

            return BadConfiguration;
        }
        catch (Exception state) when (StateFailure.IsOne(state))
        {
            var failure = StateFailure.Sort(state);
            await Console.Error.WriteLineAsync(parsed.GetValue(_verbose) ? $"error: {PrintedText.InLines(failure.ToString()).TrimStart()}" : $"error: {OneLine(failure)}");
            return BadConfiguration;
        }
        catch (Exception failure)
        {
            await Console.Error.WriteLineAsync(parsed.GetValue(_verbose) ? $"error: {PrintedText.InLines(failure.ToString()).TrimStart()}" : $"error: {OneLine(failure)}");
            return failure is FeedException ? BadConfiguration : Failed;
        }
    }

    private static string OneLine(Exception failure) => failure is FeedException
        ? PrintedText.InOneLine(failure.Message)
        : $"unexpected: {PrintedText.InOneLine(failure.Message)} ({failure.GetType().Name}). Run again with --verbose to see where";
}

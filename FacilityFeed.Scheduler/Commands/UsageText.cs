using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Hosting;

namespace FacilityFeed.Scheduler.Commands;

/// <summary>What is said of words that are not understood: which, and how the command is written. On stderr, so that stdout stays a command's answer.</summary>
internal static class UsageText
{
    public static async Task RefuseAsync(ParseResult parsed)
    {
        foreach (var problem in Problems(parsed).Distinct())
        {
            await Console.Error.WriteLineAsync($"error: {PrintedText.InOneLine(WithoutSecrets(problem, parsed))}");
        }

        var command = parsed.CommandResult.Command;
        await Console.Error.WriteLineAsync($"usage: {Usage(command, parsed.RootCommandResult.Command)}");
    }

    /// <summary>Reads the number of a run; anything else is an error in words that a person knows.</summary>
    public static long? RunNumber(ArgumentResult given)
    {
        if (given.Tokens is [var token])
        {
            if (long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var run))
            {
                return run;
            }

            given.AddError($"{GivenText.Quoted(token.Value)} is no number of a run: {CommandLine.Program} status lists them");
        }

        return null;
    }

    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        var root = parsed.RootCommandResult.Command;
        if (parsed.CommandResult.Command == root && parsed.UnmatchedTokens is [var word, ..] && !word.StartsWith('-'))
        {
            return [$"there is no command {GivenText.Quoted(word)}: the commands are {string.Join(", ", root.Subcommands.Select(command => command.Name))}"];
        }

        var missing = parsed.CommandResult.Command.Arguments.Where(argument => argument.Arity.MinimumNumberOfValues > 0 && parsed.GetResult(argument) is not { Tokens.Count: > 0 })
            .Select(argument => $"{parsed.CommandResult.Command.Name} needs <{argument.Name}>: {Lower(argument.Description!)}").ToList();
        var others = parsed.Errors.Select(error => error.Message.TrimEnd('.')).Where(message => missing.Count == 0 || !message.StartsWith("Required argument", StringComparison.Ordinal));
        return [.. missing, .. others];
    }

    // The parser puts words in quotes, as they were given.
    private static string WithoutSecrets(string problem, ParseResult parsed) => parsed.Tokens.Select(token => token.Value).Concat(parsed.UnmatchedTokens).Where(word => GivenText.MayHoldSecret(word))
        .Aggregate(problem, (text, word) => text.Replace($"'{word}'", GivenText.Hidden, StringComparison.Ordinal));

    private static string Usage(Command command, Command root) => command == root
        ? $"{root.Name} COMMAND; {root.Name} --help lists the commands"
        : $"{root.Name} {command.Name}{string.Concat(command.Arguments.Select(Written))}{string.Concat(command.Options.Select(Written))}; {root.Name} {command.Name} --help says more";

    private static string Written(Argument argument) => argument.Arity.MinimumNumberOfValues > 0 ? $" <{argument.Name}>" : $" [<{argument.Name}>]";

    private static string Written(Option option)
    {
        var written = option.ValueType == typeof(bool) ? option.Name : $"{option.Name} TEXT";
        return option.Required ? $" {written}" : $" [{written}]";
    }

    private static string Lower(string text) => char.ToLowerInvariant(text[0]) + text[1..];
}

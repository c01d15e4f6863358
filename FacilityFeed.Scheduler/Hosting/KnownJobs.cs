using System.Collections.Frozen;
using System.Reflection;
using FacilityFeed.Domain;
using FacilityFeed.Scheduler.Exporting;
using FacilityFeed.Scheduler.Planning;
using FacilityFeed.Scheduler.Publishing;
using FacilityFeed.Scheduler.Scheduling;
using Hangfire.Common;

namespace FacilityFeed.Scheduler.Hosting;

/// <summary>
/// The calls that a job may be. Hangfire by itself runs any method of any class that a row of its tables names, so whoever may write there could run
/// what he likes: here names are looked up in a list, never loaded, and a job is one of these methods or nothing.
/// </summary>
public static class KnownJobs
{
    private const string Remedy = "it was not run. No version of this program makes such a job, so look who may write to the state database; then delete the job";

    private static readonly string _coreLibrary = typeof(long).Assembly.GetName().Name!;

    private static readonly FrozenDictionary<Type, MethodInfo> _calls = new[] { typeof(TriggerJob), typeof(PlanJob), typeof(ChunkJob), typeof(ManifestJob) }
        .ToFrozenDictionary(type => type, type => type.GetMethod("RunAsync")!);

    private static readonly FrozenDictionary<string, Type> _types = _calls.Keys.Concat(_calls.Values.SelectMany(call => call.GetParameters()).Select(parameter => parameter.ParameterType))
        .Distinct().ToFrozenDictionary(type => type.FullName!, StringComparer.Ordinal);

    /// <summary>The class or parameter type of a job by its stored name. Hangfire asks here for every type that it has as a text, those inside of arguments among them.</summary>
    /// <param name="name">Full name and assembly; a version and what follows it, as Hangfire writes by default, tell nothing.</param>
    /// <exception cref="FeedRejectedException">It is another type; nothing was loaded.</exception>
    public static Type Resolve(string? name)
    {
        var parts = (name ?? "").Split(',', 3, StringSplitOptions.TrimEntries);
        return _types.TryGetValue(parts[0], out var type) && IsAssemblyOf(type, parts.ElementAtOrDefault(1))
            ? type
            : throw new FeedRejectedException($"the job names the type '{ShownValue.Of(name ?? "")}', which is none of this program's jobs nor of their parameters: {Remedy}");
    }

    /// <returns>Why <paramref name="job"/> must not run; null when it may.</returns>
    public static string? Refusal(Job job)
    {
        if (!_calls.TryGetValue(job.Type, out var call) || job.Method != call)
        {
            return $"the job calls {ShownValue.Of($"{job.Type.Name}.{job.Method.Name}")}, which is none of this program's jobs: {Remedy}";
        }

        var parameters = call.GetParameters();
        for (var at = 0; at < parameters.Length; at++)
        {
            var type = parameters[at].ParameterType;
            // The others Hangfire fills in itself.
            if ((type == typeof(string) || type.IsPrimitive) && (at >= job.Args.Count || job.Args[at]?.GetType() != type))
            {
                return $"the job calls {job.Type.Name} without its argument '{parameters[at].Name}': {Remedy}";
            }
        }

        return null;
    }

    /// <summary>Why a job whose stored call could not be read was not run.</summary>
    public static FeedRejectedException Unreadable(Exception failure) =>
        failure as FeedRejectedException ?? new FeedRejectedException($"the job's stored call cannot be read ({ForeignText.InOneLine(failure.Message)}): {Remedy}", failure);

    // Hangfire writes "mscorlib", or nothing, for the core library.
    private static bool IsAssemblyOf(Type type, string? assembly) => type.Assembly.GetName().Name is { } own
        && (own == _coreLibrary ? assembly is null or "mscorlib" || assembly == _coreLibrary : assembly == own);
}

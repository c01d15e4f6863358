using System.Net;
using System.Reflection;
using FacilityFeed.Scheduler.Operating;
using Hangfire.Dashboard;
using Hangfire.States;

namespace FacilityFeed.Scheduler.Dashboard;

/// <summary>How Hangfire's pages show our states. Hangfire keeps this for the whole process, and a second time of it is an error or shown twice.</summary>
internal static class DashboardLook
{
    private static readonly Lazy<bool> _registered = new(RegisterOnce);

    /// <summary>Safe to repeat, for every host of a process.</summary>
    public static void Register() => _ = _registered.Value;

    private static bool RegisterOnce()
    {
        JobHistoryRenderer.AddStateCssSuffix(HeldState.StateName, "held");
        JobHistoryRenderer.Register(HeldState.StateName, RenderHeld);
        JobHistoryRenderer.Register(FailedState.StateName, RenderFailed);
        RenderWhateverIsStored();
        DashboardRoutes.AddStylesheet(Assembly.GetExecutingAssembly(), "facilityfeed-dashboard.css");
        DashboardRoutes.AddJavaScript(Assembly.GetExecutingAssembly(), "facilityfeed-dashboard.js");
        return true;
    }

    /// <summary>
    /// Hangfire's own renderers throw at a state whose data they did not write: a type that is none of ours, a date that is none. Those are shown as they
    /// stand. It gives its renderers to nobody; where a later version keeps them elsewhere, such a job's page fails alone.
    /// </summary>
    private static void RenderWhateverIsStored()
    {
        if (typeof(JobHistoryRenderer).GetField("Renderers", BindingFlags.NonPublic | BindingFlags.Static)?.GetValue(null) is IDictionary<string, Func<HtmlHelper, IDictionary<string, string>, NonEscapedString>> renderers)
        {
            foreach (var (state, render) in renderers.ToArray())
            {
                JobHistoryRenderer.Register(state, (html, data) => Try(render, html, data));
            }
        }
    }

    private static NonEscapedString Try(Func<HtmlHelper, IDictionary<string, string>, NonEscapedString> render, HtmlHelper html, IDictionary<string, string> data)
    {
        try
        {
            return render(html, data);
        }
        catch (Exception)
        {
            return JobHistoryRenderer.DefaultRenderer(html, data);
        }
    }

    private static NonEscapedString RenderHeld(HtmlHelper html, IDictionary<string, string> data) =>
        new($"<p class=\"feed-message\">{Encode(data, HeldState.RemedyDatum)}</p><p>\"Delete\" on this page decides against the run, too.</p>");

    /// <summary>What a person must read first, where Hangfire has the name of a class; the stack folded.</summary>
    private static NonEscapedString RenderFailed(HtmlHelper html, IDictionary<string, string> data)
    {
        var type = Value(data, "ExceptionType");
        // Then the card's own line says the same already: see the stylesheet.
        var isOurs = type.StartsWith("FacilityFeed.", StringComparison.Ordinal);
        var server = data.TryGetValue("ServerId", out var id) && id is not null ? $" ({html.ServerId(id)})" : "";
        return new NonEscapedString($"""
            <p class="feed-message{(isOurs ? " feed-remedy" : "")}">{Encode(data, "ExceptionMessage")}</p>
            <details class="feed-details"><summary>Where in the program</summary><h5>{WebUtility.HtmlEncode(type)}{server}</h5><pre class="stack-trace">{html.StackTrace(Value(data, "ExceptionDetails"))}</pre></details>
            """);
    }

    private static string Encode(IDictionary<string, string> data, string name) => WebUtility.HtmlEncode(Value(data, name));

    private static string Value(IDictionary<string, string> data, string name) => data.TryGetValue(name, out var value) ? value ?? "" : "";
}

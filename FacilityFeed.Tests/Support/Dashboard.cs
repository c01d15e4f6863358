using System.Net;
using System.Text.RegularExpressions;

namespace FacilityFeed.Tests.Support;

/// <summary>What a person does in the dashboard, by the requests that its own pages send.</summary>
public static partial class Dashboard
{
    /// <summary>"Trigger now" on the recurring page.</summary>
    public static async Task<HttpResponseMessage> TriggerAsync(HttpClient client) => await TriggerAsync(client, await client.GetStringAsync("/hangfire/recurring"));

    /// <summary>"Trigger now", with the token that <paramref name="page"/> holds; without one when it holds none.</summary>
    public static async Task<HttpResponseMessage> TriggerAsync(HttpClient client, string page)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/hangfire/recurring/trigger") { Content = new FormUrlEncodedContent([new("jobs[]", "facility")]) };
        Sign(request, page);
        return await client.SendAsync(request);
    }

    /// <summary>A button on a job's own page.</summary>
    /// <param name="client">Keeps the cookies.</param>
    /// <param name="order"><c>requeue</c> or <c>delete</c>.</param>
    /// <param name="jobId">The job.</param>
    public static async Task<HttpResponseMessage> OrderAsync(HttpClient client, string order, string jobId)
    {
        var page = await client.GetStringAsync($"/hangfire/jobs/details/{jobId}");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/hangfire/jobs/actions/{order}/{jobId}") { Content = new FormUrlEncodedContent([]) };
        Sign(request, page);
        return await client.SendAsync(request);
    }

    /// <summary>A form with the token that <paramref name="page"/> holds.</summary>
    public static async Task<HttpResponseMessage> PostAsync(HttpClient client, string page, string path, KeyValuePair<string, string> field)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent([field]) };
        Sign(request, page);
        return await client.SendAsync(request);
    }

    private static void Sign(HttpRequestMessage request, string page)
    {
        if (Token().Match(page) is { Success: true } token)
        {
            request.Headers.Add(Header().Match(page).Groups[1].Value, WebUtility.HtmlDecode(token.Groups[1].Value));
        }
    }

    [GeneratedRegex("<meta name=\"csrf-header\" content=\"([^\"]+)\"")]
    private static partial Regex Header();

    [GeneratedRegex("<meta name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex Token();
}

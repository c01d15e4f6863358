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
        if (Token().Match(page) is { Success: true } token)
        {
            request.Headers.Add(Header().Match(page).Groups[1].Value, WebUtility.HtmlDecode(token.Groups[1].Value));
        }

        return await client.SendAsync(request);
    }

    [GeneratedRegex("<meta name=\"csrf-header\" content=\"([^\"]+)\"")]
    private static partial Regex Header();

    [GeneratedRegex("<meta name=\"csrf-token\" content=\"([^\"]+)\"")]
    private static partial Regex Token();
}

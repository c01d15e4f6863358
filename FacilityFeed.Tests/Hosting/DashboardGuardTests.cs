using System.Net;
using System.Reflection;
using System.Text;
using FacilityFeed.Tests.Support;
using Hangfire.Dashboard;

namespace FacilityFeed.Tests.Hosting;

/// <summary>What any web page can make a browser send to the dashboard: it changes nothing, and no request that is wrong is an error of ours.</summary>
public sealed class DashboardGuardTests
{
    private Installation _installation = null!;
    private ProgramRun _service = null!;
    private HttpClient _http = null!;
    private int _heard;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _installation = await Installation.CreateAsync(Facilities.Numbered(1, 5));
        (_service, _http) = await _installation.ServeAsync();
    }

    [SetUp]
    public void Listen() => _heard = _service.Errors.Length;

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _service.DisposeAsync();
        await _installation.DisposeAsync();
    }

    [Test]
    public async Task CommandRoutes_ObeyNothingButAPost_ThatIsNotForged()
    {
        var body = "jobs%5B%5D=facility";
        var commands = Commands();
        Assert.That(commands, Does.Contain("/recurring/trigger").And.Contain("/jobs/actions/delete/1").And.Contain("/stats"), "the routes that there are");

        foreach (var path in commands)
        {
            foreach (var (method, form) in new[] { ("GET", null), ("GET", body), ("HEAD", null), ("OPTIONS", body), ("OPTIONS", null), ("PUT", body), ("DELETE", body), ("PATCH", body), ("TRACE", null), ("PROPFIND", body) })
            {
                using var answer = await SendAsync(method, $"/hangfire{path}", form);
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed), $"{method} {path}");
                Assert.That(answer.Content.Headers.Allow, Does.Contain("POST"), $"{method} {path}");
            }

            using var forged = await SendAsync("POST", $"/hangfire{path}", body);
            Assert.That(forged.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden).Or.EqualTo(HttpStatusCode.NotFound), $"POST {path}");
        }

        Assert.That(await _installation.State.ScalarAsync<long>("SELECT count(*) FROM feed.run"), Is.Zero, "no run was triggered");
        Assert.That(await _installation.State.ScalarAsync<long>("SELECT count(*) FROM hangfire.set WHERE key = 'recurring-jobs'"), Is.EqualTo(1), "nor the schedule removed");
        AssertNoErrors();
    }

    [TestCase("/")]
    [TestCase("/hangfire")]
    [TestCase("/hangfire/recurring")]
    [TestCase("/hangfire/jobs/failed")]
    [TestCase("/nowhere")]
    public async Task OtherMethods_AndReadingWithABody_AreRefused_Everywhere(string path)
    {
        foreach (var (method, form) in new[] { ("OPTIONS", null), ("PUT", "a=b"), ("TRACE", null), ("GET", "a=b"), ("HEAD", "a=b") })
        {
            using var answer = await SendAsync(method, path, form);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed), method);
            Assert.That(answer.Content.Headers.Allow, Is.Not.Empty, method);
        }

        AssertNoErrors();
    }

    [TestCase("/hangfire/jobs/details/abc")]
    [TestCase("/hangfire/jobs/details/999999")]
    [TestCase("/hangfire/jobs/details/-1")]
    [TestCase("/hangfire/jobs/details/+1")]
    [TestCase("/hangfire/jobs/details/99999999999999999999")]
    [TestCase("/hangfire/jobs/details/1/2")]
    [TestCase("/hangfire/jobs/details/%C3%A9")]
    [TestCase("/hangfire/jobs/enqueued/nowhere")]
    [TestCase("/hangfire/jobs/enqueued/fetched/nowhere")]
    [TestCase("/hangfire/jobs/nowhere")]
    [TestCase("/nowhere")]
    public async Task WhatIsNotThere_IsNotFound_AndNoError(string path)
    {
        using var page = await _http.GetAsync(path);

        Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        AssertNoErrors();
    }

    [TestCase("/hangfire")]
    [TestCase("/hangfire/")]
    [TestCase("/hangfire/recurring?from=-5&count=-5")]
    [TestCase("/hangfire/recurring?from=2147483647&count=2147483647")]
    [TestCase("/hangfire/jobs/succeeded?from=x&count=99999999999")]
    [TestCase("/hangfire/jobs/enqueued")]
    [TestCase("/hangfire/jobs/enqueued/feed-facility")]
    [TestCase("/hangfire/jobs/enqueued/fetched/shards-facility")]
    [TestCase("/hangfire/servers")]
    [TestCase("/hangfire/retries")]
    [TestCase("/hangfire/jobs/awaiting")]
    [TestCase("/hangfire/jobs/deleted")]
    public async Task ThePages_AreShown_ByGetAndHead(string path)
    {
        foreach (var method in new[] { "GET", "HEAD" })
        {
            using var page = await SendAsync(method, path, null);
            Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(page.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        }

        AssertNoErrors();
    }

    [Test]
    public async Task EveryAnswer_TellsABrowserNotToGuess()
    {
        var page = await _http.GetStringAsync("/hangfire");
        var parts = System.Text.RegularExpressions.Regex.Matches(page, "(?:href|src)=\"(/hangfire/(?:css|js)[^\"]*)\"").Select(part => part.Groups[1].Value).ToList();
        Assert.That(parts, Has.Count.GreaterThan(1));
        foreach (var path in parts.Concat(["/", "/nowhere", "/hangfire/jobs/details/abc", "/hangfire/fonts/glyphicons-halflings-regular/woff2"]))
        {
            using var answer = await _http.GetAsync(path);
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }), path);
        }

        using var elsewhere = new HttpRequestMessage(HttpMethod.Get, "/hangfire");
        elsewhere.Headers.Host = "facilities.example";
        using var refused = await _http.SendAsync(elsewhere);
        Assert.That((refused.StatusCode, refused.Headers.GetValues("X-Content-Type-Options").Single()), Is.EqualTo((HttpStatusCode.BadRequest, "nosniff")));
    }

    [Test]
    public async Task AnOrderWithAToken_ForAJobThatIsNone_IsNotFound_AndNoError()
    {
        var page = await _http.GetStringAsync("/hangfire/recurring");
        foreach (var (path, id) in new[] { ("/hangfire/jobs/failed/requeue", "abc"), ("/hangfire/jobs/actions/requeue/abc", "1"), ("/hangfire/jobs/actions/delete/999999", "1") })
        {
            using var answer = await Dashboard.PostAsync(_http, page, path, new("jobs[]", id));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound).Or.EqualTo(HttpStatusCode.UnprocessableEntity), path);
        }

        AssertNoErrors();
    }

    [Test]
    public async Task AForm_ThatCannotBeRead_IsRefused_AndNoError()
    {
        using var many = new FormUrlEncodedContent(Enumerable.Range(0, 3000).Select(number => KeyValuePair.Create($"a{number}", "b")));
        using var answer = await _http.PostAsync("/hangfire/recurring/trigger", many);
        using var parts = new StringContent("--x\r\nnonsense", Encoding.ASCII);
        parts.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
        using var torn = await _http.PostAsync("/hangfire/recurring/trigger", parts);

        Assert.That(new[] { answer.StatusCode, torn.StatusCode }, Has.All.EqualTo(HttpStatusCode.Forbidden).Or.All.EqualTo(HttpStatusCode.BadRequest));
        AssertNoErrors();
    }

    [Test]
    public async Task ForgedOrders_AndForgedCookies_FillNoLog()
    {
        using var first = await _http.GetAsync("/hangfire");
        var page = await first.Content.ReadAsStringAsync();
        var header = System.Text.RegularExpressions.Regex.Match(page, "<meta name=\"csrf-header\" content=\"([^\"]+)\"").Groups[1].Value;
        // Any page of this machine may set one, for cookies know no ports.
        var cookie = first.Headers.TryGetValues("Set-Cookie", out var set) ? set.First().Split('=')[0] : ".AspNetCore.Antiforgery.x";
        using var elsewhere = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = _http.BaseAddress };
        for (var time = 0; time < 10; time++)
        {
            foreach (var (method, token, crumb) in new[] { ("POST", null, null), ("POST", "wrong", null), ("POST", "CfDJ8AAAAAAAAAAA", "CfDJ8AAAAAAAAAAA"), ("POST", null, "wrong"), ("GET", null, "wrong"), ("GET", null, "CfDJ8AAAAAAAAAAA") })
            {
                using var forged = new HttpRequestMessage(new HttpMethod(method), method == "GET" ? "/hangfire/recurring" : "/hangfire/recurring/trigger");
                forged.Content = method == "GET" ? null : new FormUrlEncodedContent([new("jobs[]", "facility")]);
                if (token is not null)
                {
                    forged.Headers.TryAddWithoutValidation(header, token);
                }

                if (crumb is not null)
                {
                    forged.Headers.TryAddWithoutValidation("Cookie", $"{cookie}={crumb}");
                }

                using var answer = await elsewhere.SendAsync(forged);
                Assert.That(answer.StatusCode, Is.EqualTo(method == "GET" ? HttpStatusCode.OK : HttpStatusCode.Forbidden), $"{method} with {token} and {crumb}");
            }
        }

        Assert.That(_service.Errors[_heard..], Does.Not.Match("(?i)antiforgery|token"));
        AssertNoErrors();
    }

    /// <summary>All routes that are no page, style, script or font, as Hangfire has them: a later version's too.</summary>
    private static List<string> Commands()
    {
        var routes = (List<Tuple<string, IDashboardDispatcher>>)typeof(RouteCollection).GetField("_dispatchers", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(DashboardRoutes.Routes)!;
        return [.. routes.Where(route => !route.Item2.GetType().Name.Contains("Page", StringComparison.Ordinal) && !route.Item2.GetType().Name.Contains("Resource", StringComparison.Ordinal))
            .Select(route => route.Item1.Replace("(?<JobId>.+)", "1", StringComparison.Ordinal))];
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? form)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (form is not null)
        {
            request.Content = new StringContent(form, Encoding.ASCII, "application/x-www-form-urlencoded");
        }

        return await _http.SendAsync(request);
    }

    private void AssertNoErrors() => Assert.That(_service.Errors[_heard..], Does.Not.Match("Z error"));
}

using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FacilityFeed.Tests.Support;

/// <summary>What goes wrong with one request.</summary>
public enum GatewayFault
{
    None,

    /// <summary>503 SlowDown, and the request goes nowhere.</summary>
    Unavailable,

    /// <summary>403 AccessDenied, and the request goes nowhere.</summary>
    Denied,

    /// <summary>The server does what was asked, and its answer is lost.</summary>
    CutAfterBody,

    /// <summary>The connection breaks at once.</summary>
    Refused,

    /// <summary>The answer comes half a second late.</summary>
    Slow,
}

/// <summary>Stands before a real S3 server and lets requests go wrong.</summary>
public sealed class FaultyGateway : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _server;
    private readonly Uri _upstream;
    private int _requests;

    private FaultyGateway(WebApplication app, Uri upstream)
    {
        _app = app;
        _upstream = upstream;
        _server = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    }

    /// <summary>Decides about each request, by its number from 1, its method and its path.</summary>
    public Func<int, HttpMethod, string, GatewayFault> Faults { get; set; } = (_, _, _) => GatewayFault.None;

    /// <summary>The path that the server is offered under, for example <c>/storage/v1/s3</c>; empty: as it is. What lies under one is signed with it, so the server gets it unsigned: its bucket must be open to all.</summary>
    public string Path { get; init; } = "";

    public int Requests => Volatile.Read(ref _requests);

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<FaultyGateway> StartAsync(Uri upstream, string path = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
        });
        var gateway = new FaultyGateway(builder.Build(), upstream) { Path = path };
        gateway._app.Run(gateway.HandleAsync);
        await gateway._app.StartAsync();
        return gateway;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _server.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var fault = Faults(Interlocked.Increment(ref _requests), new HttpMethod(context.Request.Method), context.Request.Path);
        switch (fault)
        {
            case GatewayFault.Unavailable:
                await AnswerAsync(context, 503, "SlowDown");
                break;
            case GatewayFault.Denied:
                await AnswerAsync(context, 403, "AccessDenied");
                break;
            case GatewayFault.Refused:
                context.Abort();
                break;
            case GatewayFault.Slow:
                await Task.Delay(TimeSpan.FromMilliseconds(500), context.RequestAborted);
                await ForwardAsync(context, fault);
                break;
            default:
                await ForwardAsync(context, fault);
                break;
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, string code)
    {
        await context.Request.Body.CopyToAsync(Stream.Null);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        if (context.Request.Method != "HEAD")
        {
            await context.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>made by the test</Message></Error>");
        }
    }

    private async Task ForwardAsync(HttpContext context, GatewayFault fault)
    {
        // As it was signed: not a byte of the address may change.
        var asked = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        if (!asked.StartsWith(Path, StringComparison.Ordinal))
        {
            await AnswerAsync(context, 404, "NothingHere");
            return;
        }

        var target = new Uri(_upstream.GetLeftPart(UriPartial.Authority) + asked[Path.Length..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), target);
        if (context.Request.ContentLength is not null)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var (name, values) in context.Request.Headers.Where(header => Path.Length == 0 || header.Key != "Authorization"))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }

        using var response = await _server.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (fault == GatewayFault.CutAfterBody)
        {
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.Concat(response.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection")))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}

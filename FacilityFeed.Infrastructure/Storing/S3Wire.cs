using System.Globalization;
using Amazon.Runtime;
using FacilityFeed.Domain;
using FacilityFeed.Domain.Exporting;

namespace FacilityFeed.Infrastructure.Storing;

/// <summary>The way of one client's requests to the network: one pool of connections, and a look at what passes.</summary>
internal sealed class S3Wire(HttpMessageHandler network, TimeSpan requestTimeout) : DelegatingHandler(network)
{
    private long _clockSkewTicks;
    private int _hasAnswered;
    private Uri? _home;

    /// <summary>The store's clock less ours, at its last answer; whole seconds, for that is what HTTP tells. Null before the first.</summary>
    public TimeSpan? ClockSkew => Volatile.Read(ref _hasAnswered) == 0 ? null : TimeSpan.FromTicks(Interlocked.Read(ref _clockSkewTicks));

    /// <summary>Connections that are given up when nobody answers, and renewed now and then, so that a change of address is noticed.</summary>
    public static HttpMessageHandler Network() => new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The SDK says in each request which attempt it is: "attempt=2; max=2".
        if (request.Headers.TryGetValues("amz-sdk-request", out var values) && !string.Concat(values).Contains("attempt=1;", StringComparison.Ordinal))
        {
            StoreRetries.Note();
        }

        // Whatever leads the SDK astray: what is signed goes nowhere else.
        if (Interlocked.CompareExchange(ref _home, request.RequestUri, null) is { } home && !S3Answer.IsSameHouse(home, request.RequestUri!))
        {
            throw new S3AnswerException(S3Fault.Elsewhere, $"an answer that sends us to {ForeignText.InOneLine(request.RequestUri!.GetLeftPart(UriPartial.Authority))}");
        }

        var response = await SendInTimeAsync(request, cancellationToken);
        if (response.Headers.Date is { } there)
        {
            Interlocked.Exchange(ref _clockSkewTicks, (there - DateTimeOffset.UtcNow).Ticks);
            Volatile.Write(ref _hasAnswered, 1);
        }

        return response;
    }

    /// <summary>A server that takes a connection and then says nothing, or never comes to an end, must not hold a worker for ever. An object's bytes have their own time.</summary>
    private async Task<HttpResponseMessage> SendInTimeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(requestTimeout);
        // Said of each request, for the SDK may send it again.
        using var wait = Headway.WaitFor($"an answer of {ForeignText.InOneLine(request.RequestUri!.Authority)} to {request.Method}", requestTimeout);
        try
        {
            return await AnswerAsync(request, time.Token);
        }
        catch (OperationCanceledException late) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer within {requestTimeout.TotalSeconds:0} s", new TimeoutException(late.Message, late));
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        try
        {
            return await S3Answer.TakeAsync(request, response, requestTimeout, cancellationToken);
        }
        catch
        {
            // Which ends its connection, too, when there is more to come.
            response.Dispose();
            throw;
        }
    }

    /// <summary>Hands the SDK this wire. The client lives as long as the store, so neither is made anew for each request.</summary>
    public HttpClientFactory AsFactory() => new Factory(new HttpClient(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan });

    private sealed class Factory(HttpClient client) : HttpClientFactory
    {
        private readonly string _name = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);

        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => client;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override string GetConfigUniqueString(IClientConfig clientConfig) => _name;
    }
}

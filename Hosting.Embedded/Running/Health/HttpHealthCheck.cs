using System.Net.Sockets;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Asks an endpoint over HTTP; healthy is one certain status.</summary>
internal sealed class HttpHealthCheck(EndpointReference endpoint, string path, int statusCode) : IHealthCheck
{
    // One for all resources: it keeps a connection per endpoint, and a resource that is restarted gets a new one.
    private static readonly HttpClient s_client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(5),
    };

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!endpoint.IsAllocated)
        {
            return HealthCheckResult.Unhealthy($"{endpoint.EndpointName} has no address yet");
        }

        var url = new Uri(new Uri(endpoint.Url), path);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            using var response = await s_client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            return (int)response.StatusCode == statusCode
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{url} answers {(int)response.StatusCode}, not {statusCode}");
        }
        // HttpClient of .NET 10 lets the SocketException of a connection that is reset at once through as it is.
        catch (Exception exception) when (exception is HttpRequestException or SocketException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy($"{url} does not answer", exception);
        }
    }
}

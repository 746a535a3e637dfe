namespace LlmdAspire.ServiceDefaults.Discovery;

/// <summary>Lets every <see cref="HttpClient"/> of the service call others by name.</summary>
internal sealed class ServiceEndpointHandler(ServiceEndpoints endpoints) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { } uri)
        {
            request.RequestUri = endpoints.Resolve(uri);
        }

        return base.SendAsync(request, cancellationToken);
    }
}

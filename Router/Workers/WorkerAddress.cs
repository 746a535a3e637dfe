using LlmdAspire.ServiceDefaults.Discovery;
using LlmdAspire.Serving.Endpoints;

namespace LlmdAspire.Router.Workers;

/// <summary>Finds where a worker's requests go.</summary>
internal static class WorkerAddress
{
    private static readonly ServiceEndpoints s_services = ServiceEndpoints.FromEnvironment();

    /// <summary>The worker's own address, or what service discovery knows under its name.</summary>
    /// <returns>Scheme, host and port without a slash at the end.</returns>
    public static string Resolve(EndpointId id) => s_services.Resolve(new Uri(id.BaseUrl)).GetLeftPart(UriPartial.Authority);
}

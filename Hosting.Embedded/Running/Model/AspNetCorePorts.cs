using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Tells an ASP.NET Core project what to listen on, in a container that is published.</summary>
internal static class AspNetCorePorts
{
    public static void AddTo(EnvironmentCallbackContext context)
    {
        if (context.Resource is not IResourceWithEndpoints resource || !resource.GetEndpoints().Any())
        {
            return;
        }

        // Who has endpoints is taken to stand behind a proxy.
        context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
        Add(context, resource, "HTTP_PORTS", "http");
        Add(context, resource, "HTTPS_PORTS", "https");
    }

    private static void Add(EnvironmentCallbackContext context, IResourceWithEndpoints resource, string variable, string scheme)
    {
        if (context.EnvironmentVariables.ContainsKey(variable))
        {
            return;
        }

        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in resource.GetEndpoints().Where(e => e.Scheme == scheme && e.EndpointAnnotation.TargetPortVariable is null && !IsDefaultHttps(resource, e)))
        {
            ports.AppendLiteral(ports.IsEmpty ? "" : ";");
            ports.Append($"{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables[variable] = ports.Build();
        }
    }

    // Somebody else's before the pod, which has no certificate.
    private static bool IsDefaultHttps(IResource resource, EndpointReference endpoint)
        => resource.Annotations.OfType<DefaultHttpsAnnotation>().Any(known => known.Endpoint == endpoint.EndpointAnnotation);
}

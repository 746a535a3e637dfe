using Aspire.Hosting.ApplicationModel;

namespace LlmdAspire.Hosting.Embedded;

/// <summary>Tells an ASP.NET Core project what to listen on, in a run.</summary>
internal static class AspNetCoreUrls
{
    public const string Variable = "ASPNETCORE_URLS";

    public static void AddTo(EnvironmentCallbackContext context)
    {
        if (context.EnvironmentVariables.ContainsKey(Variable) || context.Resource is not IResourceWithEndpoints resource)
        {
            return;
        }

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in resource.GetEndpoints().Where(e => e.Scheme is "http" or "https" && e.EndpointAnnotation.TargetPortVariable is null))
        {
            if (endpoint.IsHttps)
            {
                context.EnvironmentVariables.TryAdd("ASPNETCORE_HTTPS_PORT", endpoint.Property(EndpointProperty.Port));
            }

            urls.AppendLiteral(urls.IsEmpty ? "" : ";");
            urls.Append($"{endpoint.Property(EndpointProperty.Scheme)}://{endpoint.EndpointAnnotation.TargetHost}:{endpoint.Property(EndpointProperty.TargetPort)}");
        }

        if (!urls.IsEmpty)
        {
            context.EnvironmentVariables[Variable] = urls.Build();
        }
    }
}

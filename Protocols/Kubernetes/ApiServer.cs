namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>Where an API server is, and who asks it.</summary>
/// <param name="Url">Its base; paths of the API follow.</param>
/// <param name="Account">Null for nobody in particular, as behind <c>kubectl proxy</c>; a token is never sent without TLS.</param>
public sealed record ApiServer(Uri Url, ServiceAccount? Account)
{
    /// <summary>The API server of the cluster in which this process runs in a pod; null elsewhere.</summary>
    public static ApiServer? InCluster(Func<string, string?> environment, ServiceAccount account)
    {
        ArgumentNullException.ThrowIfNull(environment);
        var (host, port) = (environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT"));
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            return null;
        }

        var name = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        return Uri.TryCreate($"https://{name}:{port}", UriKind.Absolute, out var url) ? new ApiServer(url, account) : null;
    }
}

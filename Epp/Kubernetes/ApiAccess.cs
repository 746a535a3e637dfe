using System.Security.Cryptography;
using LlmdAspire.Protocols.Kubernetes;
using LlmdAspire.ServiceDefaults;

namespace LlmdAspire.Epp.Kubernetes;

/// <summary>Finds the way to the API server.</summary>
internal static class ApiAccess
{
    /// <exception cref="UsageException">There is none; says what to do.</exception>
    public static ApiClient Open(EppFlags flags)
    {
        var account = new ServiceAccount(flags.ServiceAccountFolder);
        var server = flags.ApiServer.Value is { } url
            ? new ApiServer(url, url.Scheme == Uri.UriSchemeHttps ? account : null)
            : ApiServer.InCluster(Environment.GetEnvironmentVariable, account)
                ?? throw new UsageException(
                    $"--{(flags.PoolName.IsGiven ? flags.PoolName : flags.EndpointSelector).Name} asks the API server, and KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which say where it is, are not set;"
                    + " run in a pod, give --api-server, or name endpoints with --endpoints or --endpoints-file.");
        try
        {
            _ = server.Account?.ReadToken();
            return new ApiClient(server);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"--service-account-folder is '{account.Folder}'; token and ca.crt cannot be read there: {e.Message.ReplaceLineEndings(" ")} A pod gets them with automountServiceAccountToken: true.");
        }
    }
}

using System.Security.Cryptography.X509Certificates;

namespace LlmdAspire.Protocols.Kubernetes;

/// <summary>The folder in which a pod finds who it is to the API server: <c>token</c> and <c>ca.crt</c>.</summary>
public sealed record ServiceAccount(string Folder)
{
    public const string DefaultFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The token as it is now: the kubelet replaces it long before it expires, so it is read for each request and kept by nobody.</summary>
    public string ReadToken() => File.ReadAllText(Path.Combine(Folder, "token")).Trim();

    /// <summary>The authorities that may vouch for the API server; no others may.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The file holds no certificate.</exception>
    public X509Certificate2Collection ReadAuthorities()
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(Path.Combine(Folder, "ca.crt"));
        return authorities;
    }
}

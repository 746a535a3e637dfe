using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LlmdAspire.ServiceDefaults.Grpc;

/// <summary>A certificate for servers whose clients do not check it: it encrypts, but proves nothing.</summary>
public static class SelfSignedCertificate
{
    /// <summary>Makes a new key and a certificate for this machine's name, localhost and loopback, valid for a year from yesterday.</summary>
    public static X509Certificate2 Create(TimeProvider? clock = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Environment.MachineName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Environment.MachineName);
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = (clock ?? TimeProvider.System).GetUtcNow();
        // Yesterday, as the clocks of other machines may be behind.
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(365));
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.Simulator.CommandLine;

namespace LlmdAspire.Simulator.Http;

/// <summary>The certificate that the flags ask for.</summary>
internal static class TlsCertificate
{
    /// <exception cref="UsageException">The files cannot be read.</exception>
    public static X509Certificate2 Of(SimulatorFlags flags)
    {
        if (flags.CertificateFile.Value is not { } file)
        {
            return SelfSignedCertificate.Create();
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(file, flags.CertificateKeyFile.Value);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--ssl-certfile {file} and --ssl-keyfile {flags.CertificateKeyFile.Value} cannot be used: {e.Message.TrimEnd('.')}. Give a PEM certificate and its key.");
        }
    }
}

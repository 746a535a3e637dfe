using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LlmdAspire.Epp.Decisions;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Epp.ExtProc;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.ServiceDefaults.Grpc;

namespace LlmdAspire.Epp;

/// <summary>The endpoint picker as a service.</summary>
internal sealed class EppService : Service<EppFlags>
{
    protected override void AddServices(WebApplicationBuilder builder, EppFlags flags)
    {
        // TLS is left out of the slim web server unless asked for.
        _ = builder.WebHost.UseKestrelHttpsConfiguration();
        EppParts.Add(builder.Services, flags);
    }

    protected override IEnumerable<GrpcListener> GrpcPorts(EppFlags flags) =>
        [new(flags.GrpcPort, flags.SecureServing ? Certificate(flags.CertPath) : null), new(flags.GrpcHealthPort)];

    protected override void MapEndpoints(WebApplication app, EppFlags flags)
    {
        EppParts.Start(app.Services, flags);
        _ = app.Lifetime.ApplicationStopping.Register(app.Services.GetRequiredService<Readiness>().Drain);
        var methods = new GrpcMethods(new GrpcServerOptions { MaxReceiveMessageSize = flags.GrpcMaxRecvMsgSize, MaxSendMessageSize = flags.GrpcMaxSendMsgSize })
            .AddDuplex(ExternalProcessor.Process, app.Services.GetRequiredService<ExtProcService>().ProcessAsync)
            .AddHealth(app.Services.GetRequiredService<HealthStatuses>(), answersUnknownNames: true, app.Lifetime.ApplicationStopping);
        DecisionsEndpoint.Map(app);
        EndpointsEndpoint.Map(app);
        _ = app.UseGrpc(methods);
    }

    private static Func<X509Certificate2> Certificate(string? folder)
    {
        if (folder is null)
        {
            var own = SelfSignedCertificate.Create();
            return () => own;
        }

        try
        {
            var given = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
            return () => given;
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new UsageException($"--cert-path is '{folder}'; tls.crt and tls.key cannot be read there: {e.Message.ReplaceLineEndings(" ")}");
        }
    }
}

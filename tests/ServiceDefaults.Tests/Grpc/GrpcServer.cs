using System.Net;
using System.Security.Cryptography.X509Certificates;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.ServiceDefaults.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>A real Kestrel with a gRPC port, one with TLS and one for HTTP/1.1, all on loopback.</summary>
internal sealed class GrpcServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly X509Certificate2 _certificate;

    private GrpcServer(WebApplication app, X509Certificate2 certificate, EchoService echo, HealthStatuses health, LogLines log)
    {
        _app = app;
        _certificate = certificate;
        Echo = echo;
        Health = health;
        Log = log;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address)).ToList();
        (Plain, Tls, Http) = (addresses[0], addresses[1], addresses[2]);
    }

    public Uri Plain { get; }

    public Uri Tls { get; }

    public Uri Http { get; }

    public EchoService Echo { get; }

    public HealthStatuses Health { get; }

    public LogLines Log { get; }

    public int Port => Plain.Port;

    public string CertificatePem => _certificate.ExportCertificatePem();

    /// <param name="before">Sees each request before the service does.</param>
    public static async Task<GrpcServer> StartAsync(GrpcServerOptions? options = null, Action<HttpContext>? before = null)
    {
        var echo = new EchoService();
        var health = new HealthStatuses();
        var log = new LogLines();
        var certificate = SelfSignedCertificate.Create();
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders().AddProvider(log).SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        _ = builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "").ConfigureKestrel(kestrel =>
        {
            kestrel.ListenGrpc(IPAddress.Loopback, 0);
            kestrel.ListenGrpc(IPAddress.Loopback, 0, () => certificate);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        _ = app.Use((context, next) =>
        {
            before?.Invoke(context);
            return next(context);
        });
        _ = app.MapGet("/health", () => "ok");
        _ = app.UseGrpc(echo.Methods(options).AddDuplex(ExternalProcessor.Process, EchoProcessor.ProcessAsync).AddHealth(health, stopping: app.Lifetime.ApplicationStopping));
        await app.StartAsync();
        return new GrpcServer(app, certificate, echo, health, log);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        // Calls that a test left open on purpose are cut.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _certificate.Dispose();
    }
}

using System.Net;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;
using LlmdAspire.ServiceDefaults.Grpc;
using LlmdAspire.Tests.Shared;
using Microsoft.AspNetCore.Builder;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>A service of the stack with a gRPC port beside its HTTP port.</summary>
public sealed class GrpcServiceTests
{
    [Fact]
    public async Task GrpcPorts_ComeAfterTheMainPort_EachWithItsOwnProtocol()
    {
        await using var service = await new HealthOnly().StartAsync(["--port", "0", "--grpc-port", "0", "--host", "127.0.0.1"]);
        using var channel = new GrpcChannel(service.Urls[1]);
        using var http = new HttpClient();

        Assert.Equal(ServingStatus.Serving, (await channel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(""))).Status);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri(service.Url, "/health"))).StatusCode);
        _ = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync(new Uri(service.Urls[1], "/health")));
    }

    [Fact]
    public async Task BusyGrpcPort_IsNamedWithItsFlag()
    {
        using var taken = TestPorts.Take();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var e = await Assert.ThrowsAsync<UsageException>(() => new HealthOnly().StartAsync(["--port", "0", "--grpc-port", $"{port}", "--host", "127.0.0.1"]));

        Assert.Contains("choose another with --grpc-port", e.Message, StringComparison.Ordinal);
    }

    private sealed class HealthOnlyFlags : ServiceFlags
    {
        public HealthOnlyFlags()
            : base("health-only", "Answers gRPC health checks.", defaultPort: 0) => GrpcPort = DefinePort("grpc-port", 0, "gRPC port.");

        public Flag<int> GrpcPort { get; }
    }

    private sealed class HealthOnly : Service<HealthOnlyFlags>
    {
        protected override IEnumerable<GrpcListener> GrpcPorts(HealthOnlyFlags flags) => [new GrpcListener(flags.GrpcPort)];

        protected override void AddServices(WebApplicationBuilder builder, HealthOnlyFlags flags)
        {
        }

        protected override void MapEndpoints(WebApplication app, HealthOnlyFlags flags)
        {
            var health = new HealthStatuses { [""] = ServingStatus.Serving };
            _ = app.UseGrpc(new GrpcMethods().AddHealth(health, stopping: app.Lifetime.ApplicationStopping));
        }
    }
}

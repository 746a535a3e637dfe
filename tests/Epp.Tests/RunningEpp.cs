using System.Text.Json;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>A picker in this process on free ports, with clients for its three ports.</summary>
internal sealed class RunningEpp : IAsyncDisposable
{
    private readonly RunningService _service;

    private RunningEpp(RunningService service, bool tls)
    {
        _service = service;
        Http = new HttpClient { BaseAddress = service.Url, Timeout = Eventually.Timeout };
        Grpc = new GrpcChannel(service.Urls[1], new GrpcChannelOptions { AcceptAnyCertificate = tls });
        Health = new GrpcChannel(service.Urls[2]);
    }

    public HttpClient Http { get; }

    public GrpcChannel Grpc { get; }

    public GrpcChannel Health { get; }

    public Uri GrpcUrl => _service.Urls[1];

    public EndpointPool Pool => _service.Services.GetService<EndpointPool>();

    public IServiceProvider Services => _service.Services;

    public static Task<RunningEpp> StartAsync(string endpoints, params string[] more) => StartWithAsync(["--endpoints", endpoints, "--secure-serving=false", .. more]);

    public static async Task<RunningEpp> StartWithAsync(params string[] args)
    {
        string[] all = ["--port", "0", "--grpc-port", "0", "--grpc-health-port", "0", "--log-level", "critical", "--drain-timeout", "1s", .. args];
        var service = await new EppService().StartAsync(all);
        return new RunningEpp(service, tls: service.Urls[1].Scheme == "https");
    }

    /// <summary>Opens the stream of one HTTP exchange.</summary>
    public FakeEnvoy Exchange(ProtocolConfiguration? protocol = null) => new(Grpc.Start(ExternalProcessor.Process), protocol);

    /// <summary>Sends one request in full duplex and returns the answer to its headers, or the immediate answer; the exchange is then abandoned.</summary>
    public async Task<ProcessingResponse> PickAsync(string body, string path = "/v1/completions", params (string Name, string Value)[] headers)
    {
        using var envoy = Exchange();
        await envoy.SendHeadersAsync(path, headers);
        await envoy.SendBodyAsync(body);
        return await envoy.ReadAsync();
    }

    /// <summary>Sends one request and returns how it was decided.</summary>
    public async Task<JsonElement> DecisionAsync(string body)
    {
        _ = await PickAsync(body);
        return (await DecisionsAsync())[0];
    }

    public async Task<JsonElement> DecisionsAsync() => JsonDocument.Parse(await Http.GetStringAsync("/debug/decisions")).RootElement;

    /// <summary>The value of the first sample of a metric that has these labels, or 0.</summary>
    public async Task<double> MetricAsync(string name, string labels = "")
    {
        var line = (await Http.GetStringAsync("/metrics")).Split('\n')
            .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(labels, StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Grpc.Dispose();
        Health.Dispose();
        await _service.DisposeAsync();
    }
}

/// <summary>Lets tests ask for parts without another namespace.</summary>
internal static class Parts
{
    public static T GetService<T>(this IServiceProvider services)
        where T : class => (T)services.GetService(typeof(T))!;
}

using LlmdAspire.Epp;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>The picker as a service in this process with 100 endpoints, which are the ranks of one engine that has nothing but metrics.</summary>
internal sealed class PickerService : IAsyncDisposable
{
    private const int Endpoints = 100;

    private readonly WebApplication _engine;
    private readonly RunningService _service;

    private PickerService(WebApplication engine, RunningService service)
    {
        _engine = engine;
        _service = service;
        Address = service.Urls[1];
        Client = new PickClient(Address);
        HealthChannel = new GrpcChannel(service.Urls[2]);
    }

    /// <summary>Where it answers ext_proc.</summary>
    public Uri Address { get; }

    public PickClient Client { get; }

    public GrpcChannel HealthChannel { get; }

    public static async Task<PickerService> StartAsync()
    {
        var engine = await StartEngineAsync();
        var service = await new EppService().StartAsync(
            ["--port", "0", "--grpc-port", "0", "--grpc-health-port", "0", "--secure-serving=false", "--log-level", "error",
             "--refresh-metrics-interval", "1s", "--metrics-staleness-threshold", "20s", "--endpoints", $"{engine.Urls.First()}@0..{Endpoints - 1}"]);
        var picker = new PickerService(engine, service);
        while (service.Services.GetRequiredService<EndpointPool>().Ready.Length < Endpoints)
        {
            await Task.Delay(10);
        }

        return picker;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        HealthChannel.Dispose();
        await _service.DisposeAsync();
        await _engine.DisposeAsync();
    }

    private static async Task<WebApplication> StartEngineAsync()
    {
        var metrics = string.Concat(Enumerable.Range(0, Endpoints).Select(rank => $$"""
            vllm:num_requests_waiting{engine="{{rank}}",model_name="model"} {{rank % 5}}
            vllm:num_requests_running{engine="{{rank}}",model_name="model"} {{rank % 50}}
            vllm:kv_cache_usage_perc{engine="{{rank}}",model_name="model"} 0.{{rank:D2}}
            vllm:cache_config_info{engine="{{rank}}",block_size="16",num_gpu_blocks="30000"} 1

            """));
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        var engine = builder.Build();
        engine.Urls.Add("http://127.0.0.1:0");
        _ = engine.MapGet("/metrics", () => Results.Text(metrics));
        _ = engine.MapGet("/health", () => Results.Ok());
        await engine.StartAsync();
        return engine;
    }
}

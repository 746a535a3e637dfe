using System.Buffers;
using LlmdAspire.Epp;
using LlmdAspire.Epp.Endpoints;
using LlmdAspire.Protocols.ExtProc;
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
        Channel = new GrpcChannel(service.Urls[1]);
        HealthChannel = new GrpcChannel(service.Urls[2]);
    }

    public GrpcChannel Channel { get; }

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

    /// <summary>What Envoy does for one request: headers, body, then the answer to both is read to its end.</summary>
    public async Task<int> PickAsync(ReadOnlyMemory<byte> body)
    {
        using var call = Channel.Start(ExternalProcessor.Process);
        await call.WriteAsync(new ProcessingRequest
        {
            Step = ProcessingStep.RequestHeaders,
            Headers = new EnvoyHeaders([new(":method", "POST"), new(":path", "/v1/completions"), new("content-type", "application/json"), new("x-request-id", "request")]),
        }, more: true);
        for (var rest = body; ;)
        {
            var piece = rest[..Math.Min(rest.Length, BodyMutation.MaxStreamedBytes)];
            rest = rest[piece.Length..];
            await call.WriteAsync(new ProcessingRequest { Step = ProcessingStep.RequestBody, Body = new ReadOnlySequence<byte>(piece), EndOfStream = rest.IsEmpty }, more: !rest.IsEmpty);
            if (rest.IsEmpty)
            {
                break;
            }
        }

        var answered = 0;
        while (answered < body.Length)
        {
            if (!await call.MoveNextAsync() || call.Current.Immediate is not null)
            {
                throw new InvalidOperationException("The picker refused.");
            }

            answered += call.Current.Step == ProcessingStep.RequestBody ? (int)call.Current.Body.Body.Length : 0;
        }

        // Envoy too ends the stream in good order when an exchange is over.
        await call.CompleteAsync();
        while (await call.MoveNextAsync())
        {
        }

        return answered;
    }

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
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

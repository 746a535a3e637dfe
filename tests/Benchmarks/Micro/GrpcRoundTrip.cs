using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Protocols.Health;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>One op is one round trip over loopback, one at a time, both ends in this process.</summary>
public class GrpcRoundTrip
{
    private readonly byte[] _body = Prompts.CompletionBody(Prompts.Text(4 * 1024, 1));
    private readonly byte[] _longBody = Prompts.CompletionBody(Prompts.Text(32 * 1024, 1));
    private PickerService _picker = null!;

    [GlobalSetup]
    public async Task StartAsync() => _picker = await PickerService.StartAsync();

    [GlobalCleanup]
    public async Task StopAsync() => await _picker.DisposeAsync();

    /// <summary>A health check: one small message each way.</summary>
    [Benchmark]
    public Task<HealthCheckResponse> Unary() => _picker.HealthChannel.UnaryAsync(HealthCheck.Check, new HealthCheckRequest(""));

    /// <summary>A pick among 100 endpoints over ext_proc, headers and 4 KiB of body there and back.</summary>
    [Benchmark]
    public Task<int> ExtProc1kTokens() => _picker.Client.PickAsync(_body);

    /// <summary>The same with 32 KiB.</summary>
    [Benchmark]
    public Task<int> ExtProc8kTokens() => _picker.Client.PickAsync(_longBody);
}

using System.Buffers;
using System.Buffers.Text;
using BenchmarkDotNet.Attributes;
using LlmdAspire.Benchmarks.Inputs;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Policies.Hashing;
using LlmdAspire.Router.Policies.Prefixes;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Benchmarks.Micro;

/// <summary>One op is one choice of a worker by a policy of the Router, remembering it included. The request was peeked before, as it is for every policy.</summary>
public class RoutingDecision
{
    private readonly CacheAwarePolicy _cacheAware = new(new(), TimeProvider.System);
    private readonly RoundRobinPolicy _roundRobin = new();
    private readonly ConsistentHashPolicy _consistentHash = new();
    private readonly RendezvousHashPolicy _rendezvousHash = new();
    private byte[] _body = [];
    private int _promptAt;
    private long _fresh;
    private Worker[] _workers = [];
    private float[] _scores = [];
    private RoutingRequest _request;
    private RoutingRequest _session;

    [Params(2 << 10, 32 << 10)]
    public int PromptBytes { get; set; }

    [Params(8, 100)]
    public int Workers { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _body = Prompts.CompletionBody(Prompts.Text(PromptBytes, 1));
        _ = RequestPeeker.TryPeek(new ReadOnlySequence<byte>(_body), out var peek, out _);
        _promptAt = (int)peek.Prompt.Start + 1;
        _request = new("/v1/completions", peek, new HeaderDictionary(), new ReadOnlySequence<byte>(_body));
        _session = _request with { Headers = new HeaderDictionary { ["x-session-id"] = "3f0c8a52-6f3e-4f0e-9a57-1d2b7c0f6e11" } };
        _workers = [.. Enumerable.Range(0, Workers).Select(Worker)];
        _scores = new float[Workers];

        // All hold half of the prompt, so that every one of them is followed for a while.
        var half = _request with { Peek = peek with { Prompt = new(peek.Prompt.Start, peek.Prompt.Length / 2) } };
        foreach (var worker in _workers)
        {
            _ = _cacheAware.Choose(half, [worker], _scores);
        }
    }

    [Benchmark(Baseline = true)]
    public int RoundRobin() => _roundRobin.Choose(_request, _workers, default).Index;

    [Benchmark]
    public int CacheAwareKnownPrompt() => _cacheAware.Choose(_request, _workers, _scores).Index;

    /// <summary>Each prompt is a new one, so all of its blocks are stored, until the memory is used up and others make room.</summary>
    [Benchmark]
    public int CacheAwareNewPrompt()
    {
        _ = Utf8Formatter.TryFormat(_fresh++, _body.AsSpan(_promptAt), out _, new StandardFormat('D', 12));
        return _cacheAware.Choose(_request, _workers, _scores).Index;
    }

    [Benchmark]
    public int ConsistentHash() => _consistentHash.Choose(_session, _workers, default).Index;

    [Benchmark]
    public int RendezvousHash() => _rendezvousHash.Choose(_session, _workers, _scores).Index;

    private static Worker Worker(int number)
    {
        _ = EndpointId.TryParse($"http://10.0.0.{number}:8000", out var id, out _);
        return new(id, WorkerRole.Regular, id.BaseUrl, new CircuitBreaker(new(int.MaxValue, 1, TimeSpan.Zero), TimeProvider.System, (_, _) => { }));
    }
}

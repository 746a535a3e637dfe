using System.Buffers;
using System.Text;
using LlmdAspire.Router.Policies;
using LlmdAspire.Router.Workers;
using LlmdAspire.Serving.Endpoints;
using LlmdAspire.Serving.OpenAi;
using Microsoft.AspNetCore.Http;

namespace LlmdAspire.Router.Tests.Policies;

/// <summary>Workers and requests for tests of policies, which need no sockets.</summary>
internal static class Fleet
{
    /// <summary>Workers <c>http://w0:8000</c> and so on.</summary>
    public static Worker[] Of(int count) => [.. Enumerable.Range(0, count).Select(i => Worker($"http://w{i}:8000"))];

    public static Worker Worker(string url)
    {
        Assert.True(EndpointId.TryParse(url, out var id, out _));
        return new(id, WorkerRole.Regular, id.BaseUrl, new CircuitBreaker(new(int.MaxValue, 1, TimeSpan.Zero), TimeProvider.System, (_, _) => { }));
    }

    /// <summary>Gives a worker more requests in flight.</summary>
    public static void Load(Worker worker, int requests)
    {
        for (var i = 0; i < requests; i++)
        {
            worker.BeginRequest();
        }
    }

    public static RoutingRequest Completion(string prompt, string model = "m", string more = "") =>
        Request($$"""{"model":"{{model}}",{{more}}"prompt":"{{prompt}}"}""");

    /// <param name="pieces">Into how many segments the body is cut.</param>
    public static RoutingRequest Request(string json, int pieces = 1, params (string Name, string Value)[] headers)
    {
        var body = Cut(Encoding.UTF8.GetBytes(json), pieces);
        Assert.True(RequestPeeker.TryPeek(body, out var peek, out var error), error?.Message);
        var sent = new HeaderDictionary();
        foreach (var (name, value) in headers)
        {
            sent[name] = value;
        }

        return new("/v1/completions", peek, sent, body);
    }

    /// <summary>What a policy chooses, with the scores it gave.</summary>
    public static (Worker Worker, PolicyChoice Choice, float[] Scores) Ask(this IRoutingPolicy policy, RoutingRequest request, params Worker[] candidates)
    {
        var scores = new float[policy.ScoreName is null ? 0 : candidates.Length];
        var choice = policy.Choose(request, candidates, scores);
        return (candidates[choice.Index], choice, scores);
    }

    private static ReadOnlySequence<byte> Cut(byte[] bytes, int pieces)
    {
        var size = Math.Max(1, bytes.Length / pieces);
        Piece? first = null;
        Piece? last = null;
        for (var at = 0; at < bytes.Length; at += size)
        {
            last = new Piece(bytes.AsMemory(at, Math.Min(size, bytes.Length - at)), last);
            first ??= last;
        }

        return new(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, Piece? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}

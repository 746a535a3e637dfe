using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Bench.Tests.Runs;

/// <summary>What a server gets to see, and how the program ends.</summary>
public sealed class RequestTests
{
    private const string Answer = "data: {\"choices\":[{\"text\":\"a\",\"delta\":{\"content\":\"b\"}}]}\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task Requests_CarryIdsHeadersAndAdaptersInTurn()
    {
        var seen = new List<ScriptedConnection>();
        await using var engine = Engine(seen);

        var run = await BenchTool.RunAsync(
            "serve", "--base-url", engine.Url, "--num-prompts", "4", "--input-len", "3", "--output-len", "7", "--max-concurrency", "1", "--request-id-prefix", "run-",
            "--header", "x-tenant=blue", "--lora-modules", "one", "two", "--lora-assignment", "round-robin", "--temperature", "0", "--extra-body", """{"min_tokens":2,"repetition_penalty":1.5}""");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(["run-0", "run-1", "run-2", "run-3"], seen.Select(request => Header(request, "x-request-id")));
        Assert.All(seen, request => Assert.Equal("blue", Header(request, "x-tenant")));
        Assert.Equal(["one", "two", "one", "two"], seen.Select(request => request.Body.Split('"')[3]));
        Assert.All(seen, request => Assert.EndsWith(
            ""","repetition_penalty":1.5,"max_tokens":7,"logprobs":null,"stream":true,"stream_options":{"include_usage":true},"ignore_eos":true,"temperature":0,"min_tokens":2}""",
            request.Body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chat_AsksAgainWithWhatWasSaidBefore()
    {
        var seen = new List<ScriptedConnection>();
        await using var engine = Engine(seen);

        var run = await BenchTool.RunAsync(
            "serve", "--base-url", engine.Url, "--backend", "openai-chat", "--dataset-name", "multi_turn", "--multi-turn-num-turns", "2",
            "--num-prompts", "2", "--input-len", "3", "--max-concurrency", "1");

        Assert.Equal(0, run.ExitCode);
        Assert.All(seen, request => Assert.Equal("/v1/chat/completions", request.Path));
        Assert.Contains("\"model\":\"test-model\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"", seen[0].Body, StringComparison.Ordinal);
        var firstQuestion = seen[0].Body.Split("\"text\":\"")[1].Split('"')[0];
        Assert.Contains($"{firstQuestion}\"}}]}},{{\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"ab\"}}]}},{{\"role\":\"user\"", seen[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warmups_AreSentAndNotCounted()
    {
        var seen = new List<ScriptedConnection>();
        await using var engine = Engine(seen);

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--num-prompts", "2", "--num-warmups", "3", "--ready-check-timeout-sec", "5");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3 + 1 + 2, seen.Count);
        Assert.Contains($"{"Successful requests:",-40} {2,-10}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoneSucceeded_EndsWithOne_AndTheTable()
    {
        await using var engine = new ScriptedSocketEngine(connection => connection.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--num-prompts", "12");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("Failed requests, the first 10 of 12:\nError 0: Service Unavailable\n", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{"Failed requests:",-40} {12,-10}", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{"Mean TTFT (ms):",-40} {"0.00",-10}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnreachableServer_IsOneLine_AndEndsWithTwo()
    {
        var run = await BenchTool.RunAsync("serve", "--port", $"{TestPorts.Free()}", "--num-prompts", "2");

        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Contains("cannot be reached (Connection refused)", Assert.Single(run.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadyCheck_WaitsForAServerThatComesUpLate()
    {
        var asked = 0;
        await using var engine = new ScriptedSocketEngine(connection => connection.Path == "/v1/completions" && ++asked == 1
            ? connection.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n") : ReplyAsync(connection));

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--num-prompts", "1", "--ready-check-timeout-sec", "60");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task ReadyCheck_ThatNeverSucceeds_EndsWithTwo()
    {
        await using var engine = new ScriptedSocketEngine(connection => connection.SendAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"));

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--num-prompts", "1", "--ready-check-timeout-sec", "1");

        Assert.Equal(2, run.ExitCode);
        Assert.Contains("was not ready within 1 s (Service Unavailable)", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MaxConcurrency_IsNeverExceeded_AndReached()
    {
        var (now, most) = (0, 0);
        var full = new TaskCompletionSource();
        await using var engine = new ScriptedSocketEngine(async connection =>
        {
            if (connection.Path == "/v1/completions")
            {
                var here = Interlocked.Increment(ref now);
                lock (full)
                {
                    most = Math.Max(most, here);
                }

                if (here == 3)
                {
                    full.TrySetResult();
                }

                // The first three wait for each other, so they must be there together.
                await Eventually.DoneAsync(full.Task);
                Interlocked.Decrement(ref now);
            }

            await ReplyAsync(connection);
        });

        var run = await BenchTool.RunAsync("serve", "--base-url", engine.Url, "--num-prompts", "20", "--max-concurrency", "3");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(3, most);
    }

    private static ScriptedSocketEngine Engine(List<ScriptedConnection> seen) => new(connection =>
    {
        if (connection.Path.EndsWith("completions", StringComparison.Ordinal))
        {
            lock (seen)
            {
                seen.Add(connection);
            }
        }

        return ReplyAsync(connection);
    });

    private static Task ReplyAsync(ScriptedConnection connection) => connection.Path.EndsWith("completions", StringComparison.Ordinal)
        ? connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {Answer.Length}\r\n\r\n{Answer}")
        : connection.SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

    private static string? Header(ScriptedConnection request, string name) => request.Head.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(line => line[(name.Length + 1)..].Trim()).SingleOrDefault();
}

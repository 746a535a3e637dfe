using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>Whatever is sent to any path, the answer is one that vLLM has, and the engine stays as it was.</summary>
public sealed class FuzzTests
{
    private static readonly (string Path, string Body)[] s_requests =
    [
        ("/v1/completions", """{"model":"meta-llama/Llama-3.1-8B-Instruct","prompt":"a","max_tokens":2,"n":1,"logprobs":1,"echo":true,"stop":["x"],"stream":false,"prompt_logprobs":1,"truncate_prompt_tokens":5}"""),
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":[{"type":"text","text":"a"}]}],"max_tokens":2,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"string"}}}}}],"tool_choice":"auto","logprobs":true,"top_logprobs":1}"""),
        ("/v1/chat/completions", """{"messages":[{"role":"user","content":"a"}],"max_tokens":30,"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object","properties":{"a":{"anyOf":[{"type":"integer","minimum":1},{"$ref":"#/properties/a"}]}},"required":["a"]}}}}"""),
        ("/v1/embeddings", """{"input":["a",[1,2]],"dimensions":4,"encoding_format":"base64"}"""),
        ("/v1/responses", """{"input":[{"role":"user","content":[{"type":"input_text","text":"a"}]}],"max_output_tokens":2,"tools":[{"type":"function","name":"f","parameters":{}}],"text":{"format":{"type":"text"}}}"""),
        ("/v1/messages", """{"model":"meta-llama/Llama-3.1-8B-Instruct","max_tokens":2,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"tool_result","content":"a"}]}],"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"auto"}}"""),
        ("/inference/v1/generate", """{"token_ids":[1,2],"sampling_params":{"max_tokens":2,"n":1,"logprobs":1},"stream":true,"stream_options":{"include_usage":true},"cache_salt":"s"}"""),
        ("/v1/chat/completions/render", """{"messages":[{"role":"user","content":"a"}],"max_tokens":2}"""),
        ("/v1/completions/render", """{"prompt":["a","b"],"stop":"x","stop_token_ids":[1]}"""),
        ("/tokenize", """{"messages":[{"role":"user","content":"a"}],"add_generation_prompt":true}"""),
        ("/detokenize", """{"tokens":[1,2]}"""),
        ("/admin/config", """{"failure-injection-rate":0,"fake-metrics":null,"max-waiting-queue-length":0,"inter-token-latency":"1ms"}"""),
        ("/fake_metrics", """{"running-requests":"ramp:0:1:1s","loras":[{"running":"a"}],"ttft-buckets-values":[1]}"""),
    ];

    private static readonly JsonNode?[] s_values =
        [null, true, -1, 0, 1.5, 1e300, long.MaxValue, "", "x", "\ud83d", new JsonArray(), new JsonArray(1, "a", null), new JsonObject(), new JsonObject { ["type"] = 1 }];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Values_OfAnyTypeInAnyPlace_AreAnsweredOrRefused(int seed)
    {
        await using var simulator = await RunningSimulator.StartAsync("--max-model-len", "2000");
        var random = new Random(seed);
        foreach (var (path, body) in s_requests)
        {
            for (var round = 0; round < 60; round++)
            {
                var damaged = JsonNode.Parse(body)!.AsObject();
                Damage(damaged, random);
                using var response = await simulator.PostAsync(path, damaged.ToJsonString());
                var text = await response.Content.ReadAsStringAsync();

                Assert.True((int)response.StatusCode is 200 or 400 or 404, $"{path} {damaged.ToJsonString()}: {(int)response.StatusCode} {text}");
                Assert.True((int)response.StatusCode == 200 || text.Contains("\"error\":{", StringComparison.Ordinal), text);
            }
        }

        _ = await simulator.AskAsync("/admin/config", """{"fake-metrics":null,"time-to-first-token":"1ms","failure-injection-rate":0}""");
        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") + await simulator.MetricAsync("vllm:num_requests_waiting{") == 0);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Clients_ThatLeaveAtAnyMoment_LeaveNothingBehind(int seed)
    {
        await using var simulator = await RunningSimulator.StartAsync(
            "--kv-cache-blocks", "64", "--max-num-seqs", "3", "--max-waiting-queue-length", "20", "--lora-modules", "one=/1", "two=/2",
            "--time-to-first-token", "3", "--inter-token-latency", "1", "--failure-injection-rate", "10", "--failure-types", "reset,server_error");
        var random = new Random(seed);
        (string Path, string Body)[] generating = [.. s_requests.Where(request => !request.Path.StartsWith("/admin", StringComparison.Ordinal) && request.Path != "/fake_metrics")];
        var sent = Enumerable.Range(0, 150).Select(_ =>
        {
            var (path, body) = generating[random.Next(generating.Length)];
            var asked = JsonNode.Parse(body)!.AsObject();
            asked["stream"] = random.Next(2) == 0;
            asked["max_tokens"] = random.Next(1, 60);
            if (random.Next(3) == 0 && path.StartsWith("/v1", StringComparison.Ordinal))
            {
                asked["model"] = random.Next(2) == 0 ? "one" : "two";
            }

            if (random.Next(4) == 0)
            {
                asked["cache_hit_threshold"] = random.NextDouble();
            }

            return LeaveAsync(simulator.Urls[0], path, asked.ToJsonString(), random.Next(4), TimeSpan.FromMilliseconds(random.Next(80)));
        });
        await Task.WhenAll(sent);

        await Eventually.TrueAsync(async () => await simulator.MetricAsync("vllm:num_requests_running{") + await simulator.MetricAsync("vllm:num_requests_waiting{") == 0);
        Assert.Equal(0, await simulator.MetricAsync("vllm:kv_cache_usage_perc{"));
        Assert.Contains("waiting_lora_adapters=\"\",running_lora_adapters=\"\"", await simulator.Client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static void Damage(JsonObject root, Random random)
    {
        var places = new List<(JsonNode Parent, string? Key, int Index)>();
        Collect(root, places);
        var (parent, key, index) = places[random.Next(places.Count)];
        var value = s_values[random.Next(s_values.Length)]?.DeepClone();
        if (parent is JsonObject holder)
        {
            holder[key!] = value;
        }
        else
        {
            parent.AsArray()[index] = value;
        }
    }

    private static void Collect(JsonNode node, List<(JsonNode Parent, string? Key, int Index)> places)
    {
        if (node is JsonObject holder)
        {
            foreach (var (key, value) in holder)
            {
                places.Add((node, key, 0));
                if (value is not null)
                {
                    Collect(value, places);
                }
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                places.Add((node, null, i));
                if (list[i] is { } value)
                {
                    Collect(value, places);
                }
            }
        }
    }

    /// <summary>Sends a request over a bare socket and closes it: within the head, within the body, or after a while of waiting for the answer.</summary>
    private static async Task LeaveAsync(Uri url, string path, string body, int phase, TimeSpan patience)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port);
        var content = Encoding.UTF8.GetBytes(body);
        var head = Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {content.Length}\r\n\r\n");
        byte[] sent = phase switch
        {
            0 => head[..(head.Length / 2)],
            1 => [.. head, .. content[..(content.Length / 2)]],
            _ => [.. head, .. content],
        };
        try
        {
            await client.GetStream().WriteAsync(sent);
            using var gone = new CancellationTokenSource(patience);
            var answer = new byte[4096];
            while (await client.GetStream().ReadAsync(answer, gone.Token) > 0)
            {
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // It left, or the connection was reset by an injected failure.
        }
    }
}

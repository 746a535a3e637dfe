using System.Diagnostics;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Simulator.Tests;

/// <summary>A subscriber on the real libzmq with Python's MessagePack, in a process of its own (<c>Peers/kv_events_peer.py</c>).</summary>
internal sealed class KvEventsPeer : IAsyncDisposable
{
    // Debian's interpreter: its packages install for it, and not for others that may come first on PATH.
    private static readonly string s_python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    private static readonly Lazy<string?> s_missing = new(WhyMissing);

    private readonly Process _process;

    private KvEventsPeer(Process process) => _process = process;

    /// <summary>Starts a peer, or skips the test where there is no pyzmq or msgpack.</summary>
    public static KvEventsPeer Start()
    {
        if (s_missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        var start = new ProcessStartInfo(s_python, ["-u", Path.Combine(AppContext.BaseDirectory, "Peers", "kv_events_peer.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        return new KvEventsPeer(Process.Start(start)!);
    }

    /// <summary>Subscribes to a publisher that listens.</summary>
    public Task SubscribeAsync(string address, string topic = "", string name = "events") =>
        DoAsync(new() { ["do"] = "subscribe", ["name"] = name, ["connect"] = address, ["topic"] = topic });

    /// <summary>Listens for publishers that connect.</summary>
    public async Task<string> BindAsync(string name = "events") =>
        (string)(await DoAsync(new() { ["do"] = "subscribe", ["name"] = name, ["bind"] = "tcp://127.0.0.1:*" }))["address"]!;

    /// <summary>The next message: topic, sequence, batch.</summary>
    public Task<JsonNode> ReceiveAsync(string name = "events") => DoAsync(new() { ["do"] = "receive", ["name"] = name });

    /// <summary>The batches that are kept from a sequence number on.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReplayAsync(string address, ulong start, bool afterGarbage = false) =>
        [.. (await DoAsync(new() { ["do"] = "replay", ["connect"] = address, ["start"] = start, ["garbage"] = afterGarbage }))["batches"]!.AsArray().Select(batch => batch!)];

    /// <summary>The block hashes of a prompt, computed by Python alone.</summary>
    public async Task<IReadOnlyList<string>> HashAsync(string algorithm, string seed, IEnumerable<int> tokens, string? lora, string? salt)
    {
        var request = new JsonObject
        {
            ["do"] = "hash",
            ["algorithm"] = algorithm,
            ["seed"] = seed,
            ["block_size"] = 16,
            ["tokens"] = new JsonArray([.. tokens.Select(token => (JsonNode)token)]),
            ["lora"] = lora,
            ["salt"] = salt,
        };
        return [.. (await DoAsync(request))["hashes"]!.AsArray().Select(hash => (string)hash!)];
    }

    /// <summary>Fails unless Python's jsonschema finds that a value is what a schema allows.</summary>
    public Task ValidateAsync(JsonNode schema, JsonNode? value) =>
        DoAsync(new() { ["do"] = "schema", ["schema"] = schema.DeepClone(), ["value"] = value?.DeepClone() });

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended already.
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<JsonNode> DoAsync(JsonObject request)
    {
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var line = await Eventually.DoneAsync(_process.StandardOutput.ReadLineAsync());
        var answer = JsonNode.Parse(line ?? throw new InvalidOperationException("The Python peer ended."))!;
        return answer["error"] is { } error ? throw new InvalidOperationException($"The Python peer failed: {error}") : answer;
    }

    private static string? WhyMissing()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(s_python, ["-c", "import zmq, msgpack, cbor2, jsonschema"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{s_python} lacks zmq, msgpack, cbor2 or jsonschema; install Debian's python3-zmq, python3-msgpack, python3-cbor2 and python3-jsonschema to test against them.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no python3; install it with python3-zmq and python3-msgpack to test against libzmq.";
        }
    }
}

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>An engine's event side on libzmq and Python's msgpack, in a process of its own (<c>Peers/engine_events.py</c>).</summary>
internal sealed class PythonEngine : IAsyncDisposable
{
    // Debian's interpreter: python3-zmq and python3-msgpack install for it, and not for others that may come first on PATH.
    private const string Python = "/usr/bin/python3";
    private static readonly Lazy<string?> s_missing = new(WhyMissing);

    private readonly Process _process;
    private int _disposed;

    private PythonEngine(Process process) => _process = process;

    public string Events { get; private set; } = "";

    public string Replay { get; private set; } = "";

    /// <summary>Starts one, or skips the test where its modules are not installed.</summary>
    /// <param name="connectTo">An address to publish to; empty binds one.</param>
    public static async Task<PythonEngine> StartAsync(string topic, bool replayWithTopic = false, string connectTo = "")
    {
        if (s_missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        string[] args = ["-u", Path.Combine(AppContext.BaseDirectory, "Peers", "engine_events.py"), topic, replayWithTopic ? "replay-with-topic" : "replay", connectTo];
        var engine = new PythonEngine(Process.Start(new ProcessStartInfo(Python, args) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        var addresses = await engine.ReadAsync();
        engine.Events = (string)addresses["events"]!;
        engine.Replay = (string)addresses["replay"]!;
        return engine;
    }

    /// <summary>Publishes a batch of events given as JSON.</summary>
    public async Task PublishAsync(long sequence, double time, string events, int? rank = null, bool send = true)
    {
        var batch = new JsonObject { ["sequence"] = sequence, ["time"] = time, ["events"] = JsonNode.Parse(events), ["send"] = send };
        if (rank is not null)
        {
            batch["rank"] = rank;
        }

        await _process.StandardInput.WriteLineAsync(batch.ToJsonString());
        await _process.StandardInput.FlushAsync();
        _ = await ReadAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<JsonNode> ReadAsync()
    {
        var line = await Eventually.DoneAsync(_process.StandardOutput.ReadLineAsync());
        return JsonNode.Parse(line ?? throw new InvalidOperationException("The Python engine ended."))!;
    }

    private static string? WhyMissing()
    {
        if (!File.Exists(Python))
        {
            return $"There is no {Python}; install python3-zmq and python3-msgpack to test against libzmq.";
        }

        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import zmq, msgpack"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{Python} lacks zmq or msgpack; install python3-zmq and python3-msgpack to test against libzmq.";
    }
}

using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Zmtp;

/// <summary>A socket of the real libzmq, in a Python process of its own (<c>Peers/libzmq_peer.py</c>).</summary>
internal sealed class LibzmqPeer : IAsyncDisposable
{
    // Debian's interpreter: python3-zmq installs for it, and not for others that may come first on PATH.
    private static readonly string s_python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    private static readonly Lazy<string?> s_missing = new(WhyMissing);

    private readonly Process _process;

    private LibzmqPeer(Process process) => _process = process;

    /// <summary>Starts a peer, or skips the test where there is no pyzmq.</summary>
    public static LibzmqPeer Start(string socketType)
    {
        if (s_missing.Value is { } reason)
        {
            Assert.Skip(reason);
        }

        var start = new ProcessStartInfo(s_python)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add("-u");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Zmtp", "Peers", "libzmq_peer.py"));
        start.ArgumentList.Add(socketType);
        return new LibzmqPeer(Process.Start(start)!);
    }

    public async Task<string> BindAsync(string address = "tcp://127.0.0.1:*") => (string)(await DoAsync(new() { ["do"] = "bind", ["address"] = address }))["address"]!;

    public Task ConnectAsync(string address) => DoAsync(new() { ["do"] = "connect", ["address"] = address });

    public Task SetAsync(string option, JsonNode value) => DoAsync(new() { ["do"] = "set_option", ["name"] = option, ["value"] = value });

    public Task SubscribeAsync(string prefix) => SetAsync("SUBSCRIBE", Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(prefix)));

    public Task SendAsync(params byte[][] frames) => DoAsync(new() { ["do"] = "send", ["frames"] = Hex(frames) });

    public async Task<byte[][]> ReceiveAsync() => [.. (await DoAsync(new() { ["do"] = "receive" }))["frames"]!.AsArray().Select(frame => Convert.FromHexString((string)frame!))];

    /// <summary>Does what the peer program offers under <c>do</c>.</summary>
    public async Task<JsonNode> DoAsync(JsonObject request)
    {
        await _process.StandardInput.WriteLineAsync(request.ToJsonString());
        await _process.StandardInput.FlushAsync();
        var line = await Eventually.DoneAsync(_process.StandardOutput.ReadLineAsync());
        var answer = JsonNode.Parse(line ?? throw new InvalidOperationException("The Python peer ended."))!;
        return answer["error"] is { } error ? throw new InvalidOperationException($"The Python peer failed: {error}") : answer;
    }

    public static JsonArray Hex(params byte[][] frames) => [.. frames.Select(frame => (JsonNode)Convert.ToHexString(frame))];

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

    private static string? WhyMissing()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(s_python, ["-c", "import zmq"]) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{s_python} has no zmq module; install Debian's python3-zmq to test against libzmq.";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "There is no python3; install it with python3-zmq to test against libzmq.";
        }
    }
}

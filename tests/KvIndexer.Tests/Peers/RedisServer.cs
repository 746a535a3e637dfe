using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.KvIndexer.Tests.Peers;

/// <summary>A real <c>redis-server</c> on a free loopback port, with a password and nothing on disk.</summary>
public sealed class RedisServer : IAsyncLifetime
{
    public const string Password = "only for \"tests\"";

    private static readonly string? s_missing = Tool.Missing("redis-server", "Debian package redis-server");

    private readonly int _port = TestPorts.Free();
    private readonly string _passwordFile = Path.GetTempFileName();
    private Process? _process;

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>Arguments of a KvIndexer that shares through it.</summary>
    public string[] Flags => ["--redis", Address, "--redis-password-file", _passwordFile];

    /// <summary>Skips the test where it is not installed.</summary>
    public static void SkipIfMissing() => Assert.SkipWhen(s_missing is not null, s_missing ?? "");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_passwordFile, Password + "\n");
        if (s_missing is null)
        {
            await StartAsync();
        }
    }

    /// <summary>Starts it, empty; returns when it answers.</summary>
    public async Task StartAsync()
    {
        _process = Process.Start(new ProcessStartInfo("redis-server", ["-"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _process.StandardInput.WriteAsync($"bind 127.0.0.1\nport {_port}\nsave \"\"\nrequirepass \"{Password.Replace("\"", "\\\"", StringComparison.Ordinal)}\"\n");
        _process.StandardInput.Close();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await AskAsync("PING")).StartsWith("+PONG", StringComparison.Ordinal);
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                return false;
            }
        }, "redis-server answers");
    }

    /// <summary>Ends it at once, without a word.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Sends one command, its words separated by spaces, and gives the answer as it comes.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"AUTH \"{Password.Replace("\"", "\\\"", StringComparison.Ordinal)}\"\r\n{command}\r\nQUIT\r\n"));
        using var reader = new StreamReader(stream);
        var all = await Eventually.DoneAsync(reader.ReadToEndAsync());
        return all.Replace("+OK\r\n", "", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        File.Delete(_passwordFile);
    }
}

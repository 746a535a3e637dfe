using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using LlmdAspire.Router.Sidecar;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Router.Tests.Sidecar;

/// <summary>A prefill engine, a decode engine, and the decode engine's sidecar with the arguments of the published pods: two real processes.</summary>
public sealed class SimulatedPods : IAsyncLifetime
{
    private readonly int _ranks;
    private ChildProgram? _engines;
    private ChildProgram? _sidecar;

    public SimulatedPods()
        : this(8)
    {
    }

    internal SimulatedPods(int ranks) => _ranks = ranks;

    public Uri Prefill { get; private set; } = null!;

    public Uri Decode { get; private set; } = null!;

    /// <summary>The port of rank 0; those of the others follow.</summary>
    public Uri Sidecar { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _engines = ChildProgram.Start(
            Assembly.Load("LlmdAspire.Simulator"),
            [
                "--port", "0", "--instances", "2", "--data-parallel-size", Text(_ranks), "--kv-transfer-config", """{"kv_connector":"NixlConnector","kv_role":"kv_both"}""",
                "--time-to-first-token", "1ms", "--inter-token-latency", "1ms",
            ]);
        var line = await _engines.WaitForLineAsync("listens on ");
        var urls = line[line.IndexOf("http", StringComparison.Ordinal)..].Split(' ');
        (Prefill, Decode) = (new Uri(urls[0]), new Uri(urls[1]));
        var port = FreePorts(_ranks);
        _sidecar = ChildProgram.Start(
            typeof(SidecarFlags).Assembly,
            [
                "--mode", "sidecar", "--host", "127.0.0.1", "--port", Text(port), "--vllm-port", Text(Decode.Port), "--connector", "nixlv2", "--data-parallel-size", Text(_ranks),
                "--prometheus-port", "0",
            ]);
        Sidecar = await _sidecar.WaitForUrlAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await (_sidecar?.DisposeAsync() ?? default);
        await (_engines?.DisposeAsync() ?? default);
    }

    // As many ports in a row, free a moment ago.
    private static int FreePorts(int count)
    {
        while (true)
        {
            var first = TestPorts.Free();
            var taken = new List<TcpListener>();
            try
            {
                for (var port = first; port < first + count; port++)
                {
                    var listener = new TcpListener(IPAddress.Loopback, port);
                    listener.Start();
                    taken.Add(listener);
                }

                return first;
            }
            catch (Exception busy) when (busy is SocketException or ArgumentOutOfRangeException)
            {
                // Somebody has one of them; another first port then.
            }
            finally
            {
                taken.ForEach(listener => listener.Dispose());
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

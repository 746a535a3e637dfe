using System.Runtime.CompilerServices;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Grpc;

/// <summary>peer_server.py as a process, and a channel to it.</summary>
internal sealed class PythonServer : IAsyncDisposable
{
    public static readonly GrpcMethod<byte[], byte[]> Unary = Method("Unary");
    public static readonly GrpcMethod<byte[], byte[]> Duplex = Method("Duplex");

    private readonly ChildProgram _process;

    private PythonServer(ChildProgram process, GrpcChannel channel)
    {
        _process = process;
        Channel = channel;
    }

    public GrpcChannel Channel { get; }

    public static GrpcMethod<byte[], byte[]> Method(string name) => new("test.Echo", name, BytesCodec.Instance, BytesCodec.Instance);

    /// <summary>Starts it, or skips the test with the reason.</summary>
    public static async Task<PythonServer> StartAsync(GrpcChannelOptions? options = null, params string[] certificateAndKey)
    {
        if (PythonGrpc.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        var process = PythonGrpc.Start(Path.Combine(Folder(), "peer_server.py"), certificateAndKey);
        var port = (await process.WaitForLineAsync("port "))["port ".Length..];
        var scheme = certificateAndKey.Length > 0 ? "https" : "http";
        return new PythonServer(process, new GrpcChannel(new Uri($"{scheme}://127.0.0.1:{port}"), options));
    }

    public Task SaysAsync(string line) => _process.WaitForLineAsync(line);

    public Task KillAsync() => _process.SignalAsync("KILL");

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await _process.DisposeAsync();
    }

    private static string Folder([CallerFilePath] string thisFile = "") => Path.GetDirectoryName(thisFile)!;
}

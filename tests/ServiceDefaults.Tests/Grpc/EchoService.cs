using System.Text;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults.Grpc;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>A gRPC service with a method for each thing that can happen to a call.</summary>
internal sealed class EchoService
{
    public static readonly GrpcMethod<byte[], byte[]> Unary = Method("Unary");
    public static readonly GrpcMethod<byte[], byte[]> Duplex = Method("Duplex");
    public static readonly GrpcMethod<byte[], byte[]> Fail = Method("Fail");
    public static readonly GrpcMethod<byte[], byte[]> FailLater = Method("FailLater");
    public static readonly GrpcMethod<byte[], byte[]> Crash = Method("Crash");
    public static readonly GrpcMethod<byte[], byte[]> Wait = Method("Wait");
    public static readonly GrpcMethod<byte[], byte[]> Flood = Method("Flood");
    public static readonly GrpcMethod<byte[], byte[]> Ignore = Method("Ignore");

    private const string Awkward = "50% of it: größer\nthan allowed";
    private long _flooded;

    /// <summary>Completes when a call of Wait or Ignore has begun.</summary>
    public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when a call of Wait, Ignore or Flood has learnt that it was cancelled.</summary>
    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets Ignore begin to read.</summary>
    public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bytes of messages that Flood has handed over so far.</summary>
    public long Flooded => Interlocked.Read(ref _flooded);

    /// <summary>Trace and parent of the last unary call.</summary>
    public string? TraceParent { get; private set; }

    public GrpcMethods Methods(GrpcServerOptions? options = null) => new GrpcMethods(options)
        .AddUnary(Unary, EchoAsync)
        .AddDuplex(Duplex, EchoAllAsync)
        .AddUnary(Fail, (_, call) =>
        {
            call.Trailers.Add("retry-pushback", "none");
            throw new GrpcException(GrpcStatusCode.FailedPrecondition, Awkward);
        })
        .AddDuplex(FailLater, async (reader, writer, call) =>
        {
            await EchoAllAsync(reader, writer, call);
            throw new GrpcException(GrpcStatusCode.Aborted, Awkward);
        })
        .AddUnary(Crash, (_, _) => throw new InvalidOperationException("secret detail"))
        .AddUnary(Wait, async (request, call) =>
        {
            await NotingTheEndAsync(() => WaitAsync(call));
            return request;
        })
        .AddServerStreaming(Flood, (request, writer, _) => NotingTheEndAsync(() => FloodAsync(request, writer)))
        .AddDuplex(Ignore, (reader, writer, call) => NotingTheEndAsync(() => IgnoreAsync(reader, writer, call)));

    private static GrpcMethod<byte[], byte[]> Method(string name) => new("test.Echo", name, BytesCodec.Instance, BytesCodec.Instance);

    private ValueTask<byte[]> EchoAsync(byte[] request, GrpcServerCall call)
    {
        TraceParent = System.Diagnostics.Activity.Current?.ParentId;
        if (call.Headers.GetBinary("token-bin") is { } token)
        {
            call.Trailers.AddBinary("token-bin", token);
            call.Trailers.Add("said", call.Headers.Get("say") ?? "nothing");
        }

        return ValueTask.FromResult(request);
    }

    private static async Task EchoAllAsync(IGrpcReader<byte[]> reader, IGrpcWriter<byte[]> writer, GrpcServerCall call)
    {
        while (await reader.MoveNextAsync())
        {
            await writer.WriteAsync(reader.Current);
        }
    }

    private async Task NotingTheEndAsync(Func<Task> handler)
    {
        try
        {
            await handler();
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or GrpcException { Status.Code: GrpcStatusCode.Cancelled })
        {
            _ = Cancelled.TrySetResult();
            throw;
        }
    }

    private Task WaitAsync(GrpcServerCall call)
    {
        _ = Waiting.TrySetResult();
        return Task.Delay(Timeout.Infinite, call.CancellationToken);
    }

    // As many messages as the request says, as fast as the client takes them.
    private async Task FloodAsync(byte[] request, IGrpcWriter<byte[]> writer)
    {
        var count = int.Parse(Encoding.ASCII.GetString(request), System.Globalization.CultureInfo.InvariantCulture);
        var message = new byte[64 * 1024];
        for (var i = 0; i < count; i++)
        {
            await writer.WriteAsync(message);
            _ = Interlocked.Add(ref _flooded, message.Length);
        }
    }

    private async Task IgnoreAsync(IGrpcReader<byte[]> reader, IGrpcWriter<byte[]> writer, GrpcServerCall call)
    {
        _ = Waiting.TrySetResult();
        await Read.Task.WaitAsync(call.CancellationToken);
        var bytes = 0L;
        while (await reader.MoveNextAsync())
        {
            bytes += reader.Current.Length;
        }

        await writer.WriteAsync(Encoding.ASCII.GetBytes($"{bytes}"));
    }
}

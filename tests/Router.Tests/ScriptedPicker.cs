using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults.Grpc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LlmdAspire.Router.Tests;

/// <summary>An endpoint picker on a real port: reads as the real one does, answers what a test tells it to, and keeps what it saw.</summary>
internal sealed class ScriptedPicker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<PickerStream> _streams;

    private ScriptedPicker(WebApplication app, ConcurrentQueue<PickerStream> streams, string url)
    {
        _app = app;
        _streams = streams;
        Url = url;
    }

    public string Url { get; }

    public IReadOnlyCollection<PickerStream> Streams => _streams;

    /// <summary>Starts a picker that answers with these headers and sends the body back as it came.</summary>
    public static Task<ScriptedPicker> StartAsync(params (string Name, string Value)[] headers) => StartAsync(stream => stream.AnswerAsync(headers));

    /// <param name="decide">Called once the whole request is here.</param>
    public static async Task<ScriptedPicker> StartAsync(Func<PickerStream, Task> decide, bool tls = false)
    {
        var streams = new ConcurrentQueue<PickerStream>();
        var methods = new GrpcMethods().AddDuplex(ExternalProcessor.Process, async (reader, writer, call) =>
        {
            var stream = new PickerStream(reader, writer, call);
            streams.Enqueue(stream);
            await stream.RunAsync(decide);
        });
        var certificate = tls ? SelfSignedCertificate.Create() : null;
        var builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.WebHost.UseKestrelHttpsConfiguration();
        _ = builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenGrpc(IPAddress.Loopback, 0, certificate is null ? null : () => certificate));
        var app = builder.Build();
        _ = app.UseGrpc(methods);
        await app.StartAsync();
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return new ScriptedPicker(app, streams, $"{(tls ? "https" : "http")}://127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        // At once: streams last as long as the answers that they follow.
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>One request as the picker saw it.</summary>
internal sealed class PickerStream(IGrpcReader<ProcessingRequest> reader, IGrpcWriter<ProcessingResponse> writer, GrpcServerCall call)
{
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly TaskCompletionSource<bool> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EnvoyHeaders Headers { get; private set; } = EnvoyHeaders.Empty;

    public ProtocolConfiguration? Protocol { get; private set; }

    public string Body => Encoding.UTF8.GetString(_body.WrittenSpan);

    public int LargestPiece { get; private set; }

    public string? TraceParent { get; } = call.Headers.Get("traceparent");

    /// <summary>Headers of the answer, once it began.</summary>
    public EnvoyHeaders? AnswerHeaders { get; private set; }

    public string? Served { get; private set; }

    public string? LastOfAnswer { get; private set; }

    /// <summary>True when the answer's end was told, false when the stream broke off.</summary>
    public Task<bool> Over => _over.Task;

    public CancellationToken Cancelled => call.CancellationToken;

    public async Task RunAsync(Func<PickerStream, Task> decide)
    {
        try
        {
            await ReadRequestAsync();
            await decide(this);
            await FollowAsync();
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            _ = _over.TrySetResult(false);
            throw;
        }
        finally
        {
            _ = _over.TrySetResult(LastOfAnswer is not null);
        }
    }

    public async Task AnswerAsync(params (string Name, string Value)[] headers)
    {
        var mutation = new HeaderMutation();
        foreach (var (name, value) in headers)
        {
            _ = mutation.Overwrite(name, value);
        }

        await SendAsync(new() { Step = ProcessingStep.RequestHeaders, Headers = mutation, ClearsRouteCache = true });
        await SendBodyAsync(_body.WrittenSpan.ToArray());
    }

    public async Task SendBodyAsync(byte[] body)
    {
        for (var at = 0; at < body.Length;)
        {
            var count = Math.Min(body.Length - at, BodyMutation.MaxStreamedBytes);
            var piece = new ReadOnlySequence<byte>(body, at, count);
            at += count;
            await SendAsync(new() { Step = ProcessingStep.RequestBody, Body = new(BodyMutationKind.Stream, piece, at == body.Length) });
        }
    }

    public Task RefuseAsync(int status, string text, string reason)
    {
        var headers = new HeaderMutation().Overwrite("x-llm-d-request-dropped-reason", reason);
        return SendAsync(new() { Step = ProcessingStep.ImmediateResponse, Immediate = new() { StatusCode = status, Headers = headers, Body = Encoding.UTF8.GetBytes(text) } });
    }

    public Task SendAsync(ProcessingResponse response) => writer.WriteAsync(response).AsTask();

    private async Task ReadRequestAsync()
    {
        while (await reader.MoveNextAsync())
        {
            var message = reader.Current;
            if (message.Step == ProcessingStep.RequestHeaders)
            {
                (Headers, Protocol) = (message.Headers, message.Protocol);
            }

            LargestPiece = Math.Max(LargestPiece, (int)message.Body.Length);
            _body.Write(message.Body.ToArray());
            if (message.EndOfStream)
            {
                return;
            }
        }
    }

    private async Task FollowAsync()
    {
        while (await reader.MoveNextAsync())
        {
            var message = reader.Current;
            if (message.Step == ProcessingStep.ResponseHeaders)
            {
                AnswerHeaders = message.Headers;
                Served = message.FilterMetadata?["envoy.lb"]?["x-gateway-destination-endpoint-served"]?.Text;
                await SendAsync(new() { Step = ProcessingStep.ResponseHeaders });
            }
            else if (message is { Step: ProcessingStep.ResponseBody, EndOfStream: true })
            {
                LastOfAnswer = Encoding.UTF8.GetString(message.Body.ToArray());
                await SendAsync(new() { Step = ProcessingStep.ResponseBody, Body = new(BodyMutationKind.Stream, message.Body, EndOfStream: true) });
            }
        }
    }
}

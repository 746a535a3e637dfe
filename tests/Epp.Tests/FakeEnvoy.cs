using System.Buffers;
using System.Text;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Epp.Tests;

/// <summary>Envoy's side of one exchange over a real connection.</summary>
internal sealed class FakeEnvoy(GrpcCall<ProcessingRequest, ProcessingResponse> call, ProtocolConfiguration? protocol) : IDisposable
{
    /// <summary>What protocol_config says where Envoy buffers bodies.</summary>
    public static readonly ProtocolConfiguration Buffered = new(BodySendMode.Buffered, BodySendMode.Buffered, SendsBodyEarly: false);

    public Task SendHeadersAsync(string path = "/v1/completions", params (string Name, string Value)[] headers) =>
        SendHeadersAsync(path, endOfStream: false, metadata: null, headers);

    public Task SendHeadersAsync(string path, bool endOfStream, StructValue? metadata, params (string Name, string Value)[] headers) => SendAsync(new ProcessingRequest
    {
        Step = ProcessingStep.RequestHeaders,
        Headers = new EnvoyHeaders([new(":method", endOfStream ? "GET" : "POST"), new(":path", path), .. headers.Select(header => new EnvoyHeader(header.Name, header.Value))]),
        EndOfStream = endOfStream,
        FilterMetadata = metadata,
        Protocol = protocol,
    });

    public Task SendBodyAsync(string body, bool endOfStream = true) => SendBodyAsync(ProcessingStep.RequestBody, Encoding.UTF8.GetBytes(body), endOfStream);

    public Task SendAnswerHeadersAsync(string status = "200", string type = "application/json") => SendAsync(new ProcessingRequest
    {
        Step = ProcessingStep.ResponseHeaders,
        Headers = new EnvoyHeaders([new(":status", status), new("content-type", type)]),
    });

    public Task SendAnswerBodyAsync(string body, bool endOfStream = false) => SendBodyAsync(ProcessingStep.ResponseBody, Encoding.UTF8.GetBytes(body), endOfStream);

    public Task SendAsync(ProcessingRequest message) => Eventually.DoneAsync(call.WriteAsync(message).AsTask());

    /// <summary>The next answer; its body is valid until the next read.</summary>
    public async Task<ProcessingResponse> ReadAsync() =>
        await Eventually.DoneAsync(call.MoveNextAsync().AsTask()) ? call.Current : throw new InvalidOperationException("The picker ended the exchange.");

    /// <summary>Reads streamed pieces of a body up to the last one.</summary>
    public async Task<(string Body, int[] Sizes)> ReadBodyAsync(ProcessingStep step)
    {
        var body = new StringBuilder();
        var sizes = new List<int>();
        while (true)
        {
            var piece = await ReadAsync();
            Assert.Equal(step, piece.Step);
            Assert.Equal(BodyMutationKind.Stream, piece.Body.Kind);
            var bytes = piece.Body.Body.ToArray();
            sizes.Add(bytes.Length);
            _ = body.Append(Encoding.UTF8.GetString(bytes));
            if (piece.Body.EndOfStream)
            {
                return (body.ToString(), [.. sizes]);
            }
        }
    }

    /// <summary>Whether the picker has nothing more to say.</summary>
    public async Task<bool> EndsAsync() => !await Eventually.DoneAsync(call.MoveNextAsync().AsTask());

    public void Dispose() => call.Dispose();

    private Task SendBodyAsync(ProcessingStep step, byte[] body, bool endOfStream) =>
        SendAsync(new ProcessingRequest { Step = step, Body = new ReadOnlySequence<byte>(body), EndOfStream = endOfStream });
}

/// <summary>Short ways into an answer.</summary>
internal static class Answers
{
    public static string? Set(this ProcessingResponse answer, string name) =>
        answer.Headers?.Set.Where(change => change.Header.Name == name).Select(change => change.Header.Text).SingleOrDefault();

    public static string? Metadata(this ProcessingResponse answer) => answer.DynamicMetadata?["envoy.lb"]?["x-gateway-destination-endpoint"]?.Text;

    public static string Text(this ImmediateResponse immediate) => Encoding.UTF8.GetString(immediate.Body.Span);
}

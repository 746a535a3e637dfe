using System.Buffers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;

namespace LlmdAspire.Benchmarks.Inputs;

/// <summary>Asks a picker as Envoy does, many exchanges on one connection.</summary>
internal sealed class PickClient(Uri picker) : IDisposable
{
    private readonly GrpcChannel _channel = new(picker);

    /// <summary>What Envoy does for one request: headers, body, then the answer to both is read to its end.</summary>
    /// <returns>Bytes of body that came back.</returns>
    public async Task<int> PickAsync(ReadOnlyMemory<byte> body)
    {
        using var call = _channel.Start(ExternalProcessor.Process);
        await call.WriteAsync(new ProcessingRequest
        {
            Step = ProcessingStep.RequestHeaders,
            Headers = new EnvoyHeaders([new(":method", "POST"), new(":path", "/v1/completions"), new("content-type", "application/json"), new("x-request-id", "request")]),
        }, more: true);
        for (var rest = body; ;)
        {
            var piece = rest[..Math.Min(rest.Length, BodyMutation.MaxStreamedBytes)];
            rest = rest[piece.Length..];
            await call.WriteAsync(new ProcessingRequest { Step = ProcessingStep.RequestBody, Body = new ReadOnlySequence<byte>(piece), EndOfStream = rest.IsEmpty }, more: !rest.IsEmpty);
            if (rest.IsEmpty)
            {
                break;
            }
        }

        var answered = 0;
        while (answered < body.Length)
        {
            if (!await call.MoveNextAsync() || call.Current.Immediate is not null)
            {
                throw new InvalidOperationException("The picker refused.");
            }

            answered += call.Current.Step == ProcessingStep.RequestBody ? (int)call.Current.Body.Body.Length : 0;
        }

        // Envoy too ends the stream in good order when an exchange is over.
        await call.CompleteAsync();
        while (await call.MoveNextAsync())
        {
        }

        return answered;
    }

    public void Dispose() => _channel.Dispose();
}

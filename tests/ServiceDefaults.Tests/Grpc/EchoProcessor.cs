using System.Buffers;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Protocols.Grpc;
using LlmdAspire.ServiceDefaults.Grpc;

namespace LlmdAspire.ServiceDefaults.Tests.Grpc;

/// <summary>The shape of a picker in full duplex: nothing before the whole body, then headers, then the body in pieces.</summary>
internal static class EchoProcessor
{
    public static async Task ProcessAsync(IGrpcReader<ProcessingRequest> reader, IGrpcWriter<ProcessingResponse> writer, GrpcServerCall call)
    {
        var headers = EnvoyHeaders.Empty;
        var body = new ArrayBufferWriter<byte>();
        while (await reader.MoveNextAsync())
        {
            var request = reader.Current;
            if (request.Step == ProcessingStep.RequestHeaders)
            {
                headers = request.Headers;
            }

            foreach (var piece in request.Body)
            {
                body.Write(piece.Span);
            }

            if (request.Step == ProcessingStep.RequestBody && request.EndOfStream)
            {
                await AnswerAsync(headers, body.WrittenMemory, writer);
            }
        }
    }

    private static async Task AnswerAsync(EnvoyHeaders headers, ReadOnlyMemory<byte> body, IGrpcWriter<ProcessingResponse> writer)
    {
        var mutation = new HeaderMutation { Remove = { "x-data-parallel-rank" } };
        foreach (var header in headers)
        {
            mutation.Set.Add(new HeaderChange(header));
        }

        await writer.WriteAsync(
            new ProcessingResponse
            {
                Step = ProcessingStep.RequestHeaders,
                ClearsRouteCache = true,
                Headers = mutation.Overwrite("x-gateway-destination-endpoint", "10.0.0.1:8000"),
                DynamicMetadata = StructValue.OfField("envoy.lb", StructValue.OfField("x-gateway-destination-endpoint", StructValue.Of("10.0.0.1:8000"))),
            },
            more: true);
        while (true)
        {
            var piece = body[..Math.Min(body.Length, BodyMutation.MaxStreamedBytes)];
            body = body[piece.Length..];
            var mutationOfPiece = new BodyMutation(BodyMutationKind.Stream, new ReadOnlySequence<byte>(piece), EndOfStream: body.IsEmpty);
            await writer.WriteAsync(new ProcessingResponse { Step = ProcessingStep.RequestBody, Body = mutationOfPiece }, more: !body.IsEmpty);
            if (body.IsEmpty)
            {
                return;
            }
        }
    }
}

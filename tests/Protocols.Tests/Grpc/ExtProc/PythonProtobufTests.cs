using System.Text.Json.Nodes;
using LlmdAspire.Protocols.ExtProc;
using LlmdAspire.Tests.Shared;

namespace LlmdAspire.Protocols.Tests.Grpc.ExtProc;

/// <summary>What Google's protobuf reads from the messages that we write.</summary>
public sealed class PythonProtobufTests
{
    [Fact]
    public async Task PickersAnswer_IsReadAsMeant()
    {
        var response = new ProcessingResponse
        {
            Step = ProcessingStep.RequestHeaders,
            ClearsRouteCache = true,
            Headers = new HeaderMutation { Remove = { "x-data-parallel-rank" } }.Overwrite("x-gateway-destination-endpoint", "10.0.0.1:8000"),
            DynamicMetadata = StructValue.OfField("envoy.lb", StructValue.OfField("x-gateway-destination-endpoint", StructValue.Of("10.0.0.1:8000"))),
            OverrideMessageTimeout = TimeSpan.FromMilliseconds(1250),
            ModeOverride = new ProcessingMode { ResponseBody = BodySendMode.FullDuplexStreamed, RequestTrailers = HeaderSendMode.Send },
        };

        await IsReadAsync("ProcessingResponse", Vectors.Write(Vectors.Responses, response), """
            {"request_headers": {"response": {"clear_route_cache": true, "header_mutation": {
                "set_headers": [{"header": {"key": "x-gateway-destination-endpoint", "raw_value": "MTAuMC4wLjE6ODAwMA=="}, "append_action": 2}],
                "remove_headers": ["x-data-parallel-rank"]}}},
             "dynamic_metadata": {"envoy.lb": {"x-gateway-destination-endpoint": "10.0.0.1:8000"}},
             "mode_override": {"response_body_mode": 4, "request_trailer_mode": 1},
             "override_message_timeout": "1.250s"}
            """);
    }

    [Fact]
    public async Task BodyPieces_AreReadAsMeant()
    {
        var last = new ProcessingResponse
        {
            Step = ProcessingStep.RequestBody,
            Body = new BodyMutation(BodyMutationKind.Stream, CutSequence.Of("hello"u8.ToArray(), new Random(1), 2), EndOfStream: true),
        };

        await IsReadAsync("ProcessingResponse", Vectors.Write(Vectors.Responses, last), """
            {"request_body": {"response": {"body_mutation": {"streamed_response": {"body": "aGVsbG8=", "end_of_stream": true}}}}}
            """);
    }

    [Fact]
    public async Task RoutersQuestion_IsReadAsMeant()
    {
        var request = new ProcessingRequest
        {
            Step = ProcessingStep.RequestHeaders,
            Headers = new EnvoyHeaders([new EnvoyHeader(":method", "POST"), new EnvoyHeader("x-note", "größer")]),
            FilterMetadata = StructValue.OfField("envoy.lb.subset_hint", StructValue.OfField("x-gateway-destination-endpoint-subset", StructValue.OfItems([StructValue.Of("10.0.0.1:8000"), StructValue.Of(2)]))),
            Attributes = StructValue.OfField("a", StructValue.OfFields([new("n", StructValue.Null), new("f", StructValue.Of(false))])),
            Protocol = new ProtocolConfiguration(BodySendMode.FullDuplexStreamed, BodySendMode.None, SendsBodyEarly: true),
        };

        await IsReadAsync("ProcessingRequest", Vectors.Write(Vectors.Requests, request), """
            {"request_headers": {"headers": {"headers": [{"key": ":method", "raw_value": "UE9TVA=="}, {"key": "x-note", "raw_value": "Z3LDtsOfZXI="}]}},
             "metadata_context": {"filter_metadata": {"envoy.lb.subset_hint": {"x-gateway-destination-endpoint-subset": ["10.0.0.1:8000", 2.0]}}},
             "attributes": {"a": {"n": null, "f": false}},
             "protocol_config": {"request_body_mode": 4, "send_body_without_waiting_for_header_response": true}}
            """);
    }

    [Fact]
    public async Task ImmediateResponse_IsReadAsMeant()
    {
        var response = new ProcessingResponse
        {
            Step = ProcessingStep.ImmediateResponse,
            Immediate = new ImmediateResponse
            {
                StatusCode = 503,
                Headers = new HeaderMutation().Overwrite("x-llm-d-request-dropped-reason", "rejected-no-endpoints"),
                Body = "foo"u8.ToArray(),
                GrpcStatus = 14,
                Details = "none left",
            },
        };

        await IsReadAsync("ProcessingResponse", Vectors.Write(Vectors.Responses, response), """
            {"immediate_response": {"status": {"code": 503}, "body": "Zm9v", "grpc_status": {"status": 14}, "details": "none left",
             "headers": {"set_headers": [{"header": {"key": "x-llm-d-request-dropped-reason", "raw_value": "cmVqZWN0ZWQtbm8tZW5kcG9pbnRz"}, "append_action": 2}]}}}
            """);
    }

    private static async Task IsReadAsync(string name, byte[] message, string json)
    {
        if (PythonGrpc.Missing is { } reason)
        {
            Assert.Skip(reason);
        }

        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, $"{name} {Convert.ToHexStringLower(message)}");
            await using var python = PythonGrpc.Start(Path.Combine(Vectors.Folder, "peer_messages.py"), "describe", file);
            var read = await python.WaitForLineAsync("{");

            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), JsonNode.Parse(read)), read);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

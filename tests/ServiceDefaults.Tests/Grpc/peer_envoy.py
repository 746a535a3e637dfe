"""What Envoy says to a picker in full duplex, with Google's gRPC and protobuf. Arguments: port, folder of peer_messages.py."""
import sys

import grpc

sys.path.insert(0, sys.argv[2])
sys.dont_write_bytecode = True
import peer_messages  # noqa: E402

TYPES = peer_messages.types()
Request, Response = TYPES["ProcessingRequest"], TYPES["ProcessingResponse"]
BODY = bytes(range(256)) * 4096


def questions():
    headers = Request()
    for name, value in ((":method", b"POST"), (":path", b"/v1/chat/completions"), ("x-odd", b"\xff\x00")):
        headers.request_headers.headers.headers.add(key=name, raw_value=value)
    headers.metadata_context.filter_metadata["envoy.lb.subset_hint"]["x-gateway-destination-endpoint-subset"] = ["10.0.0.1:8000"]
    headers.protocol_config.request_body_mode = 4
    yield headers
    for start in range(0, len(BODY), 65536):
        yield Request(request_body={"body": BODY[start:start + 65536], "end_of_stream": start + 65536 >= len(BODY)})


def main():
    with grpc.insecure_channel(f"127.0.0.1:{sys.argv[1]}") as channel:
        process = channel.stream_stream("/envoy.service.ext_proc.v3.ExternalProcessor/Process", Request.SerializeToString, Response.FromString)
        answers = list(process(questions(), timeout=60))
    first, *pieces = answers
    common = first.request_headers.response
    assert common.clear_route_cache
    changes = {change.header.key: change for change in common.header_mutation.set_headers}
    assert changes["x-gateway-destination-endpoint"].header.raw_value == b"10.0.0.1:8000"
    assert changes["x-gateway-destination-endpoint"].append_action == 2
    assert changes["x-odd"].header.raw_value == b"\xff\x00"
    assert list(common.header_mutation.remove_headers) == ["x-data-parallel-rank"]
    assert first.dynamic_metadata["envoy.lb"]["x-gateway-destination-endpoint"] == "10.0.0.1:8000"
    streamed = [piece.request_body.response.body_mutation.streamed_response for piece in pieces]
    assert b"".join(piece.body for piece in streamed) == BODY
    assert all(len(piece.body) <= 62000 for piece in streamed)
    assert [piece.end_of_stream for piece in streamed] == [False] * (len(streamed) - 1) + [True]
    print("held")


main()

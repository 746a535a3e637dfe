"""ext_proc's messages as Google's protobuf reads and writes them.

`describe`: reads one message per line (name, then hex) and prints what it holds as JSON.
`write`: prints messages built here (name, then hex).
The fields are described by their numbers below; envoy's own files are not needed for that.
"""
import json
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, duration_pb2, json_format, message_factory, struct_pb2, wrappers_pb2

BOOL, BYTES, STRING, ENUM, UINT32, MESSAGE = 8, 12, 9, 5, 13, 11
STRUCT = ".google.protobuf.Struct"

MESSAGES = {
    "HeaderValue": {"key": (1, STRING), "value": (2, STRING), "raw_value": (3, BYTES)},
    "HeaderMap": {"headers": (1, "HeaderValue", "*")},
    "HeaderValueOption": {"header": (1, "HeaderValue"), "append": (2, ".google.protobuf.BoolValue"), "append_action": (3, ENUM), "keep_empty_value": (4, BOOL)},
    "HttpHeaders": {"headers": (1, "HeaderMap"), "end_of_stream": (3, BOOL)},
    "HttpBody": {"body": (1, BYTES), "end_of_stream": (2, BOOL)},
    "HttpTrailers": {"trailers": (1, "HeaderMap")},
    "Metadata": {"filter_metadata": (1, STRUCT, "map")},
    "ProtocolConfiguration": {"request_body_mode": (1, ENUM), "response_body_mode": (2, ENUM), "send_body_without_waiting_for_header_response": (3, BOOL)},
    "ProcessingRequest": {
        "request_headers": (2, "HttpHeaders", "one"), "response_headers": (3, "HttpHeaders", "one"),
        "request_body": (4, "HttpBody", "one"), "response_body": (5, "HttpBody", "one"),
        "request_trailers": (6, "HttpTrailers", "one"), "response_trailers": (7, "HttpTrailers", "one"),
        "metadata_context": (8, "Metadata"), "attributes": (9, STRUCT, "map"), "observability_mode": (10, BOOL), "protocol_config": (11, "ProtocolConfiguration"),
    },
    "HeaderMutation": {"set_headers": (1, "HeaderValueOption", "*"), "remove_headers": (2, STRING, "*")},
    "StreamedBodyResponse": {"body": (1, BYTES), "end_of_stream": (2, BOOL)},
    "BodyMutation": {"body": (1, BYTES, "one"), "clear_body": (2, BOOL, "one"), "streamed_response": (3, "StreamedBodyResponse", "one")},
    "CommonResponse": {"status": (1, ENUM), "header_mutation": (2, "HeaderMutation"), "body_mutation": (3, "BodyMutation"), "trailers": (4, "HeaderMap"), "clear_route_cache": (5, BOOL)},
    "HeadersResponse": {"response": (1, "CommonResponse")},
    "BodyResponse": {"response": (1, "CommonResponse")},
    "TrailersResponse": {"header_mutation": (1, "HeaderMutation")},
    "HttpStatus": {"code": (1, ENUM)},
    "GrpcStatus": {"status": (1, UINT32)},
    "ImmediateResponse": {"status": (1, "HttpStatus"), "headers": (2, "HeaderMutation"), "body": (3, BYTES), "grpc_status": (4, "GrpcStatus"), "details": (5, STRING)},
    "ProcessingMode": {
        "request_header_mode": (1, ENUM), "response_header_mode": (2, ENUM), "request_body_mode": (3, ENUM),
        "response_body_mode": (4, ENUM), "request_trailer_mode": (5, ENUM), "response_trailer_mode": (6, ENUM),
    },
    "ProcessingResponse": {
        "request_headers": (1, "HeadersResponse", "one"), "response_headers": (2, "HeadersResponse", "one"),
        "request_body": (3, "BodyResponse", "one"), "response_body": (4, "BodyResponse", "one"),
        "request_trailers": (5, "TrailersResponse", "one"), "response_trailers": (6, "TrailersResponse", "one"),
        "immediate_response": (7, "ImmediateResponse", "one"),
        "dynamic_metadata": (8, STRUCT), "mode_override": (9, "ProcessingMode"), "override_message_timeout": (10, ".google.protobuf.Duration"),
    },
}


def types():
    file = descriptor_pb2.FileDescriptorProto(name="ext_proc.proto", package="peer", syntax="proto3")
    file.dependency.extend(["google/protobuf/struct.proto", "google/protobuf/wrappers.proto", "google/protobuf/duration.proto"])
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field_name, (number, kind, *shape) in fields.items():
            field = message.field.add(name=field_name, number=number, label=3 if shape in (["*"], ["map"]) else 1)
            if shape == ["map"]:
                entry = message.nested_type.add(name="".join(part.capitalize() for part in field_name.split("_")) + "Entry")
                entry.options.map_entry = True
                entry.field.add(name="key", number=1, label=1, type=STRING)
                entry.field.add(name="value", number=2, label=1, type=MESSAGE, type_name=kind)
                kind = f"{name}.{entry.name}"
            if isinstance(kind, int):
                field.type = kind
            else:
                field.type = MESSAGE
                field.type_name = kind if kind.startswith(".google") else ".peer." + kind
            if shape == ["one"]:
                if not message.oneof_decl:
                    message.oneof_decl.add(name="one")
                field.oneof_index = 0
    pool = descriptor_pool.DescriptorPool()
    for known in (struct_pb2, wrappers_pb2, duration_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    factory = message_factory.MessageFactory(pool)
    return {name: factory.GetPrototype(pool.FindMessageTypeByName("peer." + name)) for name in MESSAGES}


def write(types):
    headers = {"headers": {"headers": [{"key": ":path", "raw_value": "L3YxL2NvbXBsZXRpb25z"}, {"key": "X-Custom", "value": "text"}, {"key": "bytes", "raw_value": "/wD+"}]}}
    struct = {"text": "t", "number": 1.5, "yes": True, "no": False, "none": None, "list": [1, "two", [], {"deep": ""}], "empty": {}}
    for name, content in (
        ("ProcessingRequest", {
            "request_headers": {**headers, "end_of_stream": True}, "metadata_context": {"filter_metadata": {"envoy.lb.subset_hint": struct}},
            "attributes": {"envoy.filters": struct}, "observability_mode": True,
            "protocol_config": {"request_body_mode": 4, "response_body_mode": 2, "send_body_without_waiting_for_header_response": True},
        }),
        ("ProcessingRequest", {"request_body": {"body": "AAECAw==", "end_of_stream": True}}),
        ("ProcessingRequest", {"response_trailers": {"trailers": headers["headers"]}}),
        ("ProcessingResponse", {
            "request_headers": {"response": {"status": 1, "clear_route_cache": True, "header_mutation": {
                "set_headers": [
                    {"header": {"key": "a", "raw_value": "Yg=="}, "append_action": 2, "keep_empty_value": True},
                    {"header": {"key": "c", "value": "d"}, "append": False}, {"header": {"key": "e"}, "append": True},
                ],
                "remove_headers": ["x", "y"]}}},
            "dynamic_metadata": struct, "mode_override": {"request_header_mode": 1, "response_body_mode": 4, "response_trailer_mode": 2}, "override_message_timeout": "1.5s",
        }),
        ("ProcessingResponse", {"response_body": {"response": {"body_mutation": {"streamed_response": {"body": "AAEC", "end_of_stream": True}}}}}),
        ("ProcessingResponse", {"request_body": {"response": {"body_mutation": {"clear_body": True}}}}),
        ("ProcessingResponse", {"request_body": {"response": {"body_mutation": {"body": ""}}}}),
        ("ProcessingResponse", {"response_trailers": {"header_mutation": {"remove_headers": ["z"]}}}),
        ("ProcessingResponse", {"immediate_response": {
            "status": {"code": 429}, "headers": {"set_headers": [{"header": {"key": "retry-after", "raw_value": "MQ=="}}]},
            "body": "Zm9v", "grpc_status": {"status": 8}, "details": "because"}}),
    ):
        print(name, json_format.ParseDict(content, types[name]()).SerializeToString(deterministic=True).hex())


def describe(types, lines):
    for line in lines:
        name, _, data = line.strip().partition(" ")
        message = types[name].FromString(bytes.fromhex(data))
        print(json.dumps(json_format.MessageToDict(message, preserving_proto_field_name=True), sort_keys=True))


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(types())
    else:
        with open(sys.argv[2], encoding="ascii") as messages:
            describe(types(), messages)

"""Envoy's side of one ext_proc stream, made of grpcio's generic calls and Google's protobuf.

Arguments: HOST:PORT and a file with one step per line: a ProcessingRequest as JSON to send, or {"read": N} to wait for N answers.
Prints each answer as a line of JSON; at the end the sending side is closed, what still comes is printed, and the status of the call.
"""
import json
import queue
import sys

import grpc
from google.protobuf import json_format

import peer_messages

LIMIT = 60


def main(target, steps):
    types = peer_messages.types()
    outgoing = queue.Queue()
    channel = grpc.insecure_channel(target)
    call = channel.stream_stream(
        "/envoy.service.ext_proc.v3.ExternalProcessor/Process",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=types["ProcessingResponse"].FromString,
    )(iter(outgoing.get, None), timeout=LIMIT)

    def show(answer):
        print(json.dumps(json_format.MessageToDict(answer, preserving_proto_field_name=True), sort_keys=True))

    try:
        for step in steps:
            if "read" in step:
                for _ in range(step["read"]):
                    show(next(call))
            else:
                outgoing.put(json_format.ParseDict(step, types["ProcessingRequest"]()))
        outgoing.put(None)
        for answer in call:
            show(answer)
    except (grpc.RpcError, StopIteration):
        outgoing.put(None)
    print("STATUS", call.code().name)
    channel.close()


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        main(sys.argv[1], [json.loads(line) for line in file if line.strip()])

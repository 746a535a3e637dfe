# A subscriber of KV events and a client of their replay, on libzmq and Python's MessagePack. One JSON request per line, one JSON answer per line.
import hashlib
import json
import pickle
import sys

import msgpack
import zmq

context = zmq.Context()
sockets = {}
PATIENCE_MS = 60_000


def readable(value):
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [readable(item) for item in value]
    if isinstance(value, dict):
        return {key: readable(item) for key, item in value.items()}
    return value


def receive(socket):
    if not socket.poll(PATIENCE_MS):
        raise TimeoutError("nothing came")
    return socket.recv_multipart()


def batch(topic, sequence, payload):
    return {
        "topic": topic.decode(),
        "sequence": int.from_bytes(sequence, "big"),
        "batch": readable(msgpack.unpackb(payload)),
    }


def block_hashes(request):
    """The hashes of a prompt's full blocks as vLLM computes them, from its definition and with Python's own pickle and cbor2."""
    if request["algorithm"] == "sha256_cbor":
        import cbor2

        def digest(value):
            return hashlib.sha256(cbor2.dumps(value, canonical=True)).digest()
    else:

        def digest(value):
            return hashlib.sha256(pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)).digest()

    parent = digest(request["seed"])
    hashes = []
    size = request["block_size"]
    tokens = request["tokens"]
    for start in range(0, len(tokens) - size + 1, size):
        extra = [request["lora"]] if request.get("lora") else []
        if start == 0 and request.get("salt"):
            extra.append(request["salt"])
        parent = digest((parent, tuple(tokens[start : start + size]), tuple(extra) or None))
        hashes.append(parent.hex())
    return {"hashes": hashes}


def answer(request):
    kind = request["do"]
    if kind == "hash":
        return block_hashes(request)
    if kind == "schema":
        import jsonschema

        jsonschema.Draft202012Validator(request["schema"]).validate(request["value"])
        return {}
    if kind == "subscribe":
        socket = context.socket(zmq.SUB)
        socket.subscribe(request.get("topic", "").encode())
        sockets[request["name"]] = socket
        if "bind" in request:
            socket.bind(request["bind"])
            return {"address": socket.getsockopt(zmq.LAST_ENDPOINT).rstrip(b"\0").decode()}
        # The handshake's end tells that the publisher knows us; the subscription follows it on the same connection.
        monitor = socket.get_monitor_socket(zmq.EVENT_HANDSHAKE_SUCCEEDED)
        socket.connect(request["connect"])
        receive(monitor)
        return {}
    if kind == "receive":
        frames = receive(sockets[request["name"]])
        assert len(frames) == 3, frames
        assert len(frames[1]) == 8, frames
        return batch(*frames)
    if kind == "replay":
        socket = context.socket(zmq.DEALER)
        socket.connect(request["connect"])
        if request.get("garbage"):
            socket.send_multipart([b"who", b"are", b"you"])
        socket.send_multipart([b"", request["start"].to_bytes(8, "big")])
        batches = []
        while True:
            frames = receive(socket)
            assert len(frames) == 3 and frames[0] == b"", frames
            if frames[2] == b"":
                assert frames[1] == b"\xff" * 8, frames
                socket.close(0)
                return {"batches": batches}
            batches.append(batch(b"", frames[1], frames[2]))
    raise ValueError(kind)


for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))), flush=True)
    except Exception as error:
        print(json.dumps({"error": repr(error)}), flush=True)

"""One libzmq socket, driven by JSON lines on standard input; each line is answered by one JSON line.

Frames travel as hexadecimal text. The program ends when its standard input does.
"""
import json
import os
import queue
import sys
import threading

import zmq

context = zmq.Context()
socket = context.socket(getattr(zmq, sys.argv[1]))
socket.linger = 0
socket.setsockopt(zmq.RECONNECT_IVL, 20)


def frames_of(message):
    return [bytes.fromhex(frame) for frame in message["frames"]]


def bind(message):
    socket.bind(message["address"])
    return {"address": socket.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0")}


def connect(message):
    socket.connect(message["address"])
    return {}


def set_option(message):
    value = message["value"]
    socket.setsockopt(getattr(zmq, message["name"]), bytes.fromhex(value) if isinstance(value, str) else value)
    return {}


def send(message):
    socket.send_multipart(frames_of(message))
    return {}


def receive(message):
    return {"frames": [frame.hex() for frame in socket.recv_multipart()]}


def send_numbered(message):
    """Sends count messages: topic, 8-byte big-endian number, payload."""
    topic, payload = frames_of(message)
    for number in range(message["count"]):
        socket.send_multipart([topic, number.to_bytes(8, "big"), payload])
    return {}


def receive_numbered(message):
    """Receives until the number count-1 was seen; tells how many came and whether they only ever rose."""
    seen, previous, rising = 0, -1, True
    while previous < message["count"] - 1:
        frames = socket.recv_multipart()
        number = int.from_bytes(frames[1], "big")
        rising &= number > previous
        previous = number
        seen += 1
    return {"seen": seen, "rising": rising}


def receive_digest(message):
    import hashlib
    return {"frames": [hashlib.sha256(frame).hexdigest() for frame in socket.recv_multipart()]}


def serve_replay(message):
    """vLLM's replay: a ROUTER that answers [identity, "", start] with the batches from start on and an end marker, once."""
    identity, empty, start = socket.recv_multipart()
    assert empty == b""
    topic = [bytes.fromhex(message["topic"])] if "topic" in message else []
    for number in range(int.from_bytes(start, "big"), message["count"]):
        socket.send_multipart([identity, b"", *topic, number.to_bytes(8, "big"), b"batch %d" % number])
    socket.send_multipart([identity, b"", *([b""] if topic else []), b"\xff" * 8, b""])
    return {}


def replay(message):
    """The consumer of a replay, as a DEALER: sequence numbers received until the empty payload."""
    socket.send_multipart([b"", message["start"].to_bytes(8, "big")])
    numbers = []
    while True:
        sequence, payload = socket.recv_multipart()[-2:]
        if not payload:
            return {"numbers": numbers}
        numbers.append(int.from_bytes(sequence, "big"))


requests = queue.Queue()


def read_requests():
    for line in sys.stdin:
        requests.put(json.loads(line))
    # The test is gone, perhaps while this side waits for a message: nothing may stay behind.
    os._exit(0)


threading.Thread(target=read_requests, daemon=True).start()
while True:
    request = requests.get()
    try:
        answer = globals()[request["do"]](request)
    except Exception as error:  # the test shows it
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)

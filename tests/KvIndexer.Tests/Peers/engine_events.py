"""An engine's event side made of the real libzmq and msgpack: a PUB and a replay ROUTER, driven by JSON lines on stdin."""
import json
import struct
import sys
import threading

import msgpack
import zmq

context = zmq.Context()
publisher = context.socket(zmq.PUB)
publisher.setsockopt(zmq.LINGER, 0)
replay = context.socket(zmq.ROUTER)
replay.setsockopt(zmq.LINGER, 0)
topic = sys.argv[1].encode()
with_topic = sys.argv[2] == "replay-with-topic"
connect_to = sys.argv[3] if len(sys.argv) > 3 else ""
if connect_to:
    publisher.connect(connect_to)
else:
    publisher.bind("tcp://127.0.0.1:*")
replay.bind("tcp://127.0.0.1:*")
kept = {}
lock = threading.Lock()
END = struct.pack(">q", -1)


def serve_replay():
    while True:
        frames = replay.recv_multipart()
        if len(frames) != 3:
            continue
        client, _, start = frames
        (first,) = struct.unpack(">Q", start)
        with lock:
            batches = sorted((seq, payload) for seq, payload in kept.items() if seq >= first)
        head = [topic] if with_topic else []
        for seq, payload in batches:
            replay.send_multipart([client, b"", *head, struct.pack(">Q", seq), payload])
        replay.send_multipart([client, b"", *([b""] if with_topic else []), END, b""])


threading.Thread(target=serve_replay, daemon=True).start()
print(json.dumps({
    "events": "" if connect_to else publisher.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0"),
    "replay": replay.getsockopt(zmq.LAST_ENDPOINT).decode().rstrip("\0"),
}), flush=True)
for line in sys.stdin:
    batch = json.loads(line)
    body = [batch["time"], batch["events"]] + ([batch["rank"]] if "rank" in batch else [])
    payload = msgpack.packb(body, use_bin_type=True)
    with lock:
        kept[batch["sequence"]] = payload
    if batch.get("send", True):
        publisher.send_multipart([topic, struct.pack(">Q", batch["sequence"]), payload])
    print(json.dumps({"bytes": len(payload)}), flush=True)

"""Prints block-keys.json: XXH64 of known inputs, and chains of block keys, by Debian's python3-xxhash.

Run: /usr/bin/python3 make_block_keys.py > block-keys.json
"""
import json
import struct

import xxhash


def xxh64(data, seed=0):
    return xxhash.xxh64_intdigest(data, seed)


def pattern(length):
    return bytes((i * 131 + (i >> 8)) & 0xff for i in range(length))


LENGTHS = [0, 1, 3, 4, 5, 7, 8, 9, 12, 15, 16, 31, 32, 33, 36, 47, 63, 64, 65, 72, 100, 127, 128, 255, 256, 1000, 4096, 100_003]


def chain(seed, model, block_size, tokens, extras):
    s = xxh64(seed.encode())
    name = model.encode()
    previous = root = xxh64(struct.pack("<QQ", s, len(name)) + name)
    keys = []
    for start in range(0, len(tokens) - block_size + 1, block_size):
        data = struct.pack("<Q", previous) + b"".join(struct.pack("<I", token) for token in tokens[start:start + block_size])
        for extra in extras.get(start // block_size, []):
            data += struct.pack("<Q", len(extra.encode())) + extra.encode()
        previous = xxh64(data)
        keys.append(str(previous))
    return {"seed": seed, "model": model, "block_size": block_size, "tokens": tokens, "root": str(root), "keys": keys}


def tokens(count):
    return [(7 * i * i + 31 * i) % 128256 for i in range(count)]


ITEMS = [(10, 10, "image-a"), (30, 20, "image-é")]
WITH_ITEMS = chain("", "m", 16, tokens(64), {0: ["image-a", "tenant"], 1: ["image-a", "image-é"], 2: ["image-é"], 3: ["image-é"]})

print(json.dumps({
    "hashes": [{"length": n, "seed": str(seed), "hash": str(xxh64(pattern(n), seed))} for n in LENGTHS for seed in (0, 0x9E3779B97F4A7C15)],
    "chains": [
        chain("", "meta-llama/Llama-3.1-8B-Instruct", 16, tokens(50), {}),
        chain("42", "m", 16, tokens(64), {}),
        chain("42", "", 1, tokens(3), {}),
        chain("seed", "adapter-é", 64, tokens(128), {}),
        chain("seed", "m", 256, tokens(600), {}),
        chain("seed", "m", 16, tokens(15), {}),
    ],
    "with_items": {**WITH_ITEMS, "salt": "tenant", "items": [{"offset": o, "length": n, "hash": h} for o, n, h in ITEMS]},
}))

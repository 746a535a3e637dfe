"""Prints engine-hashes.json: block hashes as a vLLM engine computes them, without vLLM.

Uses hashlib and pickle of the standard library and Debian's python3-cbor2.
Run: /usr/bin/python3 make_engine_hashes.py > engine-hashes.json
"""
import hashlib
import json
import pickle

import cbor2


def sha256(value):
    return hashlib.sha256(pickle.dumps(value, protocol=5)).digest()


def sha256_cbor(value):
    return hashlib.sha256(cbor2.dumps(value, canonical=True)).digest()


def plain(block_size, blocks):
    """Tokens of every width an engine may see."""
    return [[(7 * i * i + 31 * i + block) % 128256 for i in range(block_size)] for block in range(blocks)]


def key(extra):
    """Extra keys as engine objects; JSON has [text, offset] pairs, {"hex": ...} bytes."""
    if isinstance(extra, dict):
        return bytes.fromhex(extra["hex"])
    return tuple(extra) if isinstance(extra, list) else extra


CASES = [
    ("three blocks of 16", "0", plain(16, 3), [None, None, None]),
    ("one token", "42", [[5]], [None]),
    ("two tokens", "42", [[5, 300]], [None]),
    ("three tokens", "42", [[5, 300, 70000]], [None]),
    ("blocks of 128", "random", plain(128, 2), [None, None]),
    ("blocks of 1024", "", plain(1024, 2), [None, None]),
    ("cache salt", "0", plain(16, 2), [["tenant-7"], None]),
    ("LoRA by name", "0", plain(16, 2), [["adapter"], ["adapter"]]),
    ("LoRA by id", "0", plain(16, 1), [[300]]),
    ("everything", "0", plain(16, 2), [["adapter", ["mm-hash-1", 3], ["mm-hash-2", 300], "salt"], ["adapter", ["mm-hash-2", -13], {"hex": "ab" * 32}]]),
    ("four and more keys", "0", plain(4, 1), [["a", "b", "c", "d", "e" * 300]]),
    ("large numbers", "0", [[0, 255, 256, 65535, 65536, 2147483647]], [[4294967296, -1, -70000, 2147483648, -2147483649, 128 << 32]]),
]

cases = []
for algorithm, hash_of in (("Sha256", sha256), ("Sha256Cbor", sha256_cbor)):
    for name, seed, blocks, extras in CASES:
        none = previous = hash_of(seed)
        digests = []
        for tokens, extra in zip(blocks, extras):
            previous = hash_of((previous, tuple(tokens), None if extra is None else tuple(key(part) for part in extra)))
            digests.append(previous)
        cases.append({
            "name": name, "algorithm": algorithm, "seed": seed, "none": none.hex(), "tokens": blocks, "extras": extras,
            "digests": [digest.hex() for digest in digests],
            "external": [str(int.from_bytes(digest, "big") & (1 << 64) - 1) for digest in digests],
        })

print("[")
print(",\n".join(json.dumps(case) for case in cases))
print("]")

"""Prints kv-events.txt: batches as vLLM's publishers of different versions encode them.

Encoded by Debian's python3-msgpack, which writes the same shortest forms as the encoder engines use.
Run: /usr/bin/python3 make_vectors.py > kv-events.txt
"""
import msgpack

STORED = "BlockStored"
REMOVED = "BlockRemoved"
TOKENS = [1, 127, 128, 255, 256, 65535, 65536, 128255]
HASHES = [0x1f3a, 0xfedcba9876543210]
FIELDS = [HASHES, 77, TOKENS, 4, None, "GPU", None, [None, ["salt"]], 0, "full_attention", None]
DIGESTS = [bytes(range(32)), bytes(range(100, 116))]

batches = {
    "array-0.9.0-no-rank": [1.5, [[STORED, *FIELDS[:5]], [REMOVED, HASHES]]],
    "array-0.9.1": [1.5, [[STORED, *FIELDS[:5]], [REMOVED, HASHES]], 3],
    "array-0.10.2": [1.5, [[STORED, *FIELDS[:6]], [REMOVED, HASHES, "GPU"]], 3],
    "array-0.14": [1.5, [[STORED, *FIELDS[:7]], [REMOVED, HASHES, "GPU"]], 3],
    "array-0.17": [1.5, [[STORED, *FIELDS[:8]], [REMOVED, HASHES, "GPU"]], 3],
    "array-0.20": [1.5, [[STORED, *FIELDS[:9]], [REMOVED, HASHES, "GPU", 0]], 3],
    "array-0.22": [1.5, [[STORED, *FIELDS], [REMOVED, HASHES, "GPU", 0]], 3],
    "map-0.24": [1.5, [
        {"type": STORED, "block_hashes": HASHES, "parent_block_hash": 77, "token_ids": TOKENS, "block_size": 4, "lora_id": None,
         "medium": "GPU", "lora_name": None, "extra_keys": [None, ["salt"]], "group_idx": 0, "kv_cache_spec_kind": "full_attention"},
        {"type": REMOVED, "block_hashes": HASHES, "medium": "GPU", "group_idx": 0}], 3],
    "map-type-last-and-unknown-keys": [1.5, [
        {"medium": "GPU", "later": {"a": [1, {"b": 2.5}]}, "block_hashes": HASHES, "token_ids": TOKENS, "block_size": 4, "parent_block_hash": 77,
         7: "a key that is no text", "locality": "REMOTE", "type": STORED},
        {"block_hashes": HASHES, "type": REMOVED, "medium": "GPU"}], 3],
    "mixed-with-unknown-events": [1.5, [
        ["BlockMoved", HASHES, "CPU"], [STORED, *FIELDS, "later", {"more": 1}], {"type": "Future", "block_hashes": "?"},
        {"type": REMOVED, "block_hashes": HASHES, "medium": "GPU"}], 3, "later batch element"],
    "malformed-events-between-good-ones": [1.5, [
        [STORED, HASHES], 5, [], ["BlockRemoved", "no hashes"], [STORED, *FIELDS[:8], -1], {"block_hashes": HASHES}, [STORED, HASHES, 77, [-1], 1, None],
        [STORED, *FIELDS], [REMOVED, [b""]], [REMOVED, HASHES, "GPU"]], 3],
    "sglang-7-elements": [1.5, [[STORED, *FIELDS[:5], "GPU"], [REMOVED, HASHES, "GPU"]], 3],
    "other-types-in-late-positions": [1.5, [[STORED, *FIELDS[:4], "x", {"meta": 1}, 5, "y", None, 9, "z"], [REMOVED, HASHES, 5]], 3],
    "byte-hashes": [1.5, [[STORED, DIGESTS, DIGESTS[0], TOKENS, 4, None, "CPU"], [REMOVED, [b"\x01\x02"], "CPU"]], 3],
    "cleared-array": [1.5, [["AllBlocksCleared"]], None],
    "cleared-map": [1.5, [{"type": "AllBlocksCleared"}], 0],
    "offload-placeholder": [1.5, [{"type": STORED, "block_hashes": HASHES, "parent_block_hash": None, "token_ids": [], "block_size": 0,
                                   "lora_id": None, "medium": "CPU", "lora_name": None}], 0],
    "lora-and-multimodal": [1.5, [{"type": STORED, "block_hashes": HASHES, "parent_block_hash": None, "token_ids": TOKENS, "block_size": 4,
                                   "lora_id": 2, "medium": "GPU", "lora_name": "adapter-é",
                                   "extra_keys": [["adapter-é", ["mm-hash", -3], "salt"], ["adapter-é", b"\xde\xad", 9, [1, 2, 3]]],
                                   "group_idx": 1, "kv_cache_spec_kind": "sliding_window", "kv_cache_spec_sliding_window": 4096}], 7],
    "no-events": [1.5, [], 0],
    "integer-timestamp": [1700000000, [["AllBlocksCleared"]], 0],
}

print("# Made by make_vectors.py with Debian's python3-msgpack. Each line: name, payload in hexadecimal.")
for name, batch in batches.items():
    print(name, msgpack.packb(batch, use_bin_type=True).hex())

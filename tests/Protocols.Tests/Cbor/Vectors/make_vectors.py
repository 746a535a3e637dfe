"""Prints cbor.txt: block-hash inputs in canonical CBOR, encoded by Debian's python3-cbor2.

Run: /usr/bin/python3 make_vectors.py > cbor.txt
"""
import cbor2

VALUES = {
    "integers": [0, 23, 24, 255, 256, 65535, 65536, 4294967295, 4294967296, 18446744073709551615, -1, -24, -25, -256, -257, -9223372036854775808],
    "texts": ["", "0", "x" * 23, "x" * 24, "x" * 256, "é"],
    "bytes": [b"", bytes(range(32)), bytes(300)],
    "nested": [bytes(32), (1, 2, 128255), None],
    "extras": [bytes(32), (7,), ("adapter", ("mm-hash", -3), "salt", b"\xde\xad")],
}

print("# Made by make_vectors.py with Debian's python3-cbor2, canonical=True. Each line: name, encoding in hexadecimal.")
for name, value in VALUES.items():
    print(name, cbor2.dumps(value, canonical=True).hex())

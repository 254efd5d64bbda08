"""Canonical CBOR by an independent implementation: one JSON value per line in, hexadecimal CBOR per line out."""
import json
import sys

import cbor2


def normal(value):
    """The store's value model: an integral float within the safe range is an integer."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, dict):
        return {key: normal(item) for key, item in value.items()}
    return value


for line in sys.stdin:
    print(cbor2.dumps(normal(json.loads(line)), canonical=True).hex())

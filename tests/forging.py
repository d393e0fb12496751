"""What somebody can do who may write to a workspace, knows the format, and holds no key.

Plain Python: nothing of Qraft is used, so that a forgery is no better than an outsider's.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.lake.objects import ObjectStore

AT = "2026-01-02T03:30:00.000000+00:00"


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def name_of(seq: int) -> str:
    return f"ledger/{seq:012d}.json"


def newest(store: ObjectStore) -> tuple[int, str]:
    """The number and the hash that the next entry has to follow."""
    paths = [info.path for info in store.list("ledger")]
    if not paths:
        return 0, "0" * 64
    last = int(max(paths)[7:19])
    return last, hash_at(store.get, last)


def hash_at(read: Callable[[str], bytes], seq: int) -> str:
    """What the entry after this one has to name; what is no entry is named with all before it."""
    raw = read(name_of(seq))
    try:
        return str(json.loads(raw)["hash"])
    except (ValueError, KeyError, TypeError, RecursionError):
        before = hash_at(read, seq - 1) if seq > 1 else "0" * 64
        return hashlib.sha256(before.encode() + raw).hexdigest()


def forge(store: ObjectStore, kind: Any, body: Any, **fields: Any) -> int:
    """Write a well-chained entry; return its number."""
    seq, head = newest(store)
    entry = {
        "seq": seq + 1, "prev": head, "kind": kind, "at": AT, "actor": "eve", "body": body,
        **fields,
    }  # fmt: skip
    said = hashlib.sha256(canonical(entry).encode()).hexdigest()
    store.put_new(name_of(seq + 1), canonical({**entry, "hash": said}).encode())
    return seq + 1


def own_key() -> tuple[str, Any]:
    """A key that the forger made: anybody can."""
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.from_private_bytes(b"eve".ljust(32, b"."))
    raw = private.public_key().public_bytes_raw()
    return f"ed25519:{base64.b64encode(raw).decode()}", private


def forge_signed(store: ObjectStore, kind: str, body: Any, ledger: str, **fields: Any) -> int:
    """Write a well-chained entry, signed as a runner signs, by the forger's own key."""
    key, private = own_key()
    seq, head = newest(store)
    said = {
        "seq": seq + 1, "prev": head, "kind": kind, "at": AT, "actor": "eve", "body": body,
        "key": key, **fields,
    }  # fmt: skip
    message = canonical({**said, "purpose": "qraft ledger entry 1", "ledger": ledger})
    signed = {"key": key, "signature": private.sign(message.encode()).hex()}
    return forge(store, kind, body, **fields, **signed)

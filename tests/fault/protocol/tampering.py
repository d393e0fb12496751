"""What may be done to entries that are there, and how verification must call each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from tests.forging import canonical, hash_at, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

Content = dict[str, bytes]


def _entries(content: Content) -> list[str]:
    return sorted(path for path in content if path.startswith("ledger/"))


def _forged(seq: int, prev: str, reason: str = "forged") -> tuple[str, bytes]:
    entry = {
        "seq": seq, "prev": prev, "kind": "halt", "at": "2026-01-02T03:00:00.000000+00:00",
        "actor": "eve", "body": {"strategy": "none@0", "reason": reason},
    }  # fmt: skip
    said = hashlib.sha256(canonical(entry).encode()).hexdigest()
    return said, canonical({**entry, "hash": said}).encode()


def cut(content: Content, pick: int) -> set[str]:
    """The end is cut off."""
    paths = _entries(content)
    end = max(1, pick % len(paths))
    while not is_whole(content[paths[end - 1]]):
        end -= 1
    for path in paths[end:]:
        del content[path]
    return {"truncated"}


def remove_one(content: Content, pick: int) -> set[str]:
    """One is gone, though later ones are there."""
    paths = _entries(content)
    del content[paths[pick % (len(paths) - 1)]]
    return {"missing"}


def flip(content: Content, pick: int) -> set[str]:
    """A byte is another."""
    paths = _entries(content)
    path = paths[pick % (len(paths) - 1)]
    raw = bytearray(content[path])
    raw[pick % len(raw)] ^= 1
    content[path] = bytes(raw)
    return {"changed"}


def exchange(content: Content, pick: int) -> set[str]:
    """Two stand at each other's place."""
    paths = _entries(content)
    one, other, after = paths[pick % (len(paths) - 2) :][:3]
    if not all(is_whole(content[path]) for path in (one, other, after)):
        return set()
    content[one], content[other] = content[other], content[one]
    return {"reordered", "unchained"}


def replace(content: Content, pick: int) -> set[str]:
    """Another stands there, well formed; what comes after it names the one that was."""
    paths = _entries(content)
    place = pick % (len(paths) - 1)
    # What is planted after it is called changed, for it names all that comes before it.
    planted = not is_whole(content[paths[place + 1]])
    prev = "0" * 64 if place == 0 else hash_at(content.__getitem__, place)
    _, content[paths[place]] = _forged(place + 1, prev)
    return {"changed"} if planted else {"unchained"}


def fork(content: Content, pick: int) -> set[str]:
    """It goes on in another way, chained anew."""
    paths = _entries(content)
    start = max(1, pick % len(paths))
    prev = hash_at(content.__getitem__, start)
    for place in range(start, len(paths)):
        prev, content[paths[place]] = _forged(place + 1, prev, f"forged {place}")
    return {"forked"}


def another(content: Content, pick: int) -> set[str]:
    """A whole other ledger stands there."""
    paths = _entries(content)
    prev = "0" * 64
    for place, path in enumerate(paths):
        prev, content[path] = _forged(place + 1, prev)
    return {"replaced"}


def remove_all(content: Content, pick: int) -> set[str]:
    """Nothing is left."""
    for path in _entries(content):
        del content[path]
    return {"gone"}


def strew(content: Content, pick: int) -> set[str]:
    """Something lies beside the entries."""
    content["ledger/notes.txt"] = b"x"
    return {"foreign"}


def far_away(content: Content, pick: int) -> set[str]:
    """Something stands at a number that is far away."""
    content[name_of(10**9)] = b"{}"
    return {"missing", "changed"}


KINDS: tuple[Callable[[Content, int], set[str]], ...] = (
    cut, remove_one, flip, exchange, replace, fork, another, remove_all, strew, far_away,
)  # fmt: skip


def is_whole(raw: bytes) -> bool:
    return raw.startswith(b'{"actor"') and raw.endswith(b"}")

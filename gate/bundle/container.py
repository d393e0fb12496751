"""The container of a bundle: a tar archive (POSIX ustar) in the one form that is read.

Nothing is compressed, so nothing can unfold; a member has a name of letters that cannot leave a
folder, and no type, owner, mode or time of its own. A file is taken only if writing its members
again gives its very bytes: no byte of it is without a meaning.
"""

from __future__ import annotations

import re
import tarfile
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCK: Final = 512
MOST_MEMBERS: Final = 100_000
MOST_BYTES: Final = 1 << 30
"""Of the whole file; also of a member, which is part of it."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)*")
_LONGEST_NAME = 100


class Malformed(ValueError):
    """A file that is no bundle, or is one that was changed."""


class CutOff(Malformed):
    """A bundle whose end is missing."""


def write_members(members: Mapping[str, bytes]) -> bytes:
    """Write members, in their order, as one file.

    Raises
    ------
    ValueError
        If a name is not one, or there is more than a bundle holds.
    """
    if len(members) > MOST_MEMBERS:
        raise ValueError(f"{len(members)} files; a bundle holds at most {MOST_MEMBERS}")
    parts = []
    for name, content in members.items():
        parts += [_header(name, len(content)), content, _padding(len(content))]
    parts.append(bytes(2 * BLOCK))
    if (total := sum(map(len, parts))) > MOST_BYTES:
        raise ValueError(f"{total} bytes; a bundle has at most {MOST_BYTES}")
    return b"".join(parts)


def read_members(raw: bytes) -> dict[str, bytes]:
    """Read the members of a file.

    Raises
    ------
    CutOff
        If its end is missing.
    Malformed
        If anything else is not as :func:`write_members` writes it.
    """
    if len(raw) > MOST_BYTES:
        raise Malformed(f"more than {MOST_BYTES} bytes")
    members: dict[str, bytes] = {}
    at = 0
    while True:
        header = _take(raw, at, BLOCK)
        at += BLOCK
        if header == bytes(BLOCK):
            break
        if len(members) >= MOST_MEMBERS:
            raise Malformed(f"more than {MOST_MEMBERS} files")
        name, size = _read_header(header)
        if name in members:
            raise Malformed(f"{name} is there twice")
        members[name] = _take(raw, at, size)
        at += size
        padding = _padding(size)
        if _take(raw, at, len(padding)) != padding:
            raise Malformed(f"there is something after {name}")
        at += len(padding)
    if _take(raw, at, BLOCK) != bytes(BLOCK) or len(raw) != at + BLOCK:
        raise Malformed("there is something after its end")
    return members


def _take(raw: bytes, at: int, count: int) -> bytes:
    part = raw[at : at + count]
    if len(part) != count:
        raise CutOff(f"it ends after {len(raw)} bytes, in the middle")
    return part


def _padding(size: int) -> bytes:
    return bytes(-size % BLOCK)


def _header(name: str, size: int) -> bytes:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise Malformed(f"`{name[:100]!a}` cannot name a file of a bundle")
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict")


def _read_header(header: bytes) -> tuple[str, int]:
    """Read a name and a size; whatever else the header says must be what we say."""
    try:
        name = header[:100].rstrip(b"\0").decode("ascii")
        size = int(header[124:135], 8)
    except ValueError as error:
        raise Malformed("a name or a size cannot be read") from error
    if _header(name, size) != header:
        raise Malformed(f"the header of `{name!a}` is not as it is written")
    return name, size

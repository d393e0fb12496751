"""Packed bytes, unpacked within bounds; nothing is ever written to disk."""

from __future__ import annotations

import bz2
import io
import lzma
import zipfile
import zlib
from typing import TYPE_CHECKING

from configs.errors import BadInput
from tasks.ingest.files import limits
from tasks.ingest.files.kinds import PACKED, starts

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK, _PIECE = 2**20, 2**16
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


def unpack(content: bytes, name: str) -> tuple[bytes, str | None]:
    """Unpack gzip, bzip2, xz or zstd; other bytes are returned as they are.

    Parameters
    ----------
    content
        The file's bytes.
    name
        What to call it in messages.

    Returns
    -------
    tuple
        The bytes within, and the name of the packing or None.

    Raises
    ------
    BadInput
        If it is damaged, packed more than once, or becomes larger than the bounds.

    Examples
    --------
    >>> unpack(b"date,close", "a.csv")
    (b'date,close', None)
    """
    kind = starts(content[:8], PACKED)
    if kind is None:
        return content, None
    whole = bytearray()
    try:
        for chunk in _chunks(content, kind):
            whole += chunk
            limits.refuse_growth(len(content), len(whole), name=name)
    except _DAMAGE as error:
        raise BadInput(
            f"`{name}` is a damaged {kind} file: {error}",
            hint="perhaps it was not downloaded whole; fetch it again",
        ) from error
    if starts(bytes(whole[:8]), PACKED):
        raise BadInput(f"`{name}` is packed more than once", hint="unpack it once and give that")
    return bytes(whole), kind


def _chunks(content: bytes, kind: str) -> Iterator[bytes]:
    if kind == "gzip":
        yield from _gunzip(content)
        return
    if kind == "zstd":
        import pyarrow as pa

        with pa.CompressedInputStream(pa.BufferReader(content), "zstd") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
        return
    source = io.BytesIO(content)
    with bz2.BZ2File(source) if kind == "bz2" else lzma.LZMAFile(source) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _gunzip(content: bytes) -> Iterator[bytes]:
    """Yield what is in all members of a gzip file; several may follow one another."""
    member = zlib.decompressobj(zlib.MAX_WBITS | 16)
    at = 0
    while at < len(content):
        if member.eof:
            if not content[at:].strip(b"\0"):
                return
            member = zlib.decompressobj(zlib.MAX_WBITS | 16)
        piece = content[at : at + _PIECE]
        at += len(piece)
        yield member.decompress(piece, _CHUNK)
        while member.unconsumed_tail:
            yield member.decompress(member.unconsumed_tail, _CHUNK)
        at -= len(member.unused_data)
    if not member.eof:
        yield member.flush()
        raise EOFError("it ends before its end")


def members(content: bytes, name: str) -> dict[str, bytes]:
    """Return the files in a zip archive, by their names there, in the order of names.

    Names are only looked at, never used as paths. Hidden files, and what archivers of some systems
    add, are left out.

    Raises
    ------
    BadInput
        If it is damaged, encrypted, has too many members, or becomes larger than the bounds.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = [info for info in archive.infolist() if _is_file(info)]
            if len(infos) > limits.MEMBERS:
                raise BadInput(
                    f"`{name}` holds {len(infos):,} files; at most {limits.MEMBERS:,} are read"
                )
            if any(info.flag_bits & 1 for info in infos):
                raise BadInput(f"`{name}` is encrypted", hint="unpack it, and give what is in it")
            found: dict[str, bytes] = {}
            size = 0
            for info in sorted(infos, key=lambda each: each.filename):
                if info.filename in found:
                    raise BadInput(f"`{name}` holds `{info.filename}` twice")
                found[info.filename] = _member(archive, info, len(content), size, name)
                size += len(found[info.filename])
    except (zipfile.BadZipFile, NotImplementedError, *_DAMAGE) as error:
        raise BadInput(
            f"`{name}` is a damaged zip file: {error}",
            hint="perhaps it was not downloaded whole; fetch it again",
        ) from error
    return found


def _is_file(info: zipfile.ZipInfo) -> bool:
    parts = info.filename.replace("\\", "/").split("/")
    hidden = any(part.startswith((".", "__MACOSX")) and part not in {".", ".."} for part in parts)
    return not info.is_dir() and not hidden


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, packed: int, before: int, name: str
) -> bytes:
    whole = bytearray()
    with archive.open(info) as stream:
        while chunk := stream.read(_CHUNK):
            whole += chunk
            limits.refuse_growth(packed, before + len(whole), name=name)
    return bytes(whole)

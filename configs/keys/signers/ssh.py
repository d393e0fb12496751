"""SSH keys, as ssh-agent holds them: Ed25519, and Ed25519 on a security key.

Signatures are SSHSIG (OpenSSH's PROTOCOL.sshsig) with a namespace of the gate's own, so that none
made for git, for a file or for a login fits. What a security key signs names its application, says
that it was touched, and counts (PROTOCOL.u2f).
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from configs.keys.signers.ed25519 import check_raw, refuse_weak
from configs.keys.signers.signer import Signer, Unfit, read_base64, write_base64

PREFIX: Final = "ssh:"
MARKS: Final = "sshsig:"
NAMESPACE: Final = "qraft-gate"
PLAIN: Final = b"ssh-ed25519"
ON_DEVICE: Final = b"sk-ssh-ed25519@openssh.com"
_MAGIC, _VERSION, _HASH = b"SSHSIG", 1, b"sha512"
_TOUCHED, _USES = 0x01, 0x01 | 0x04
"""Flags of a security key: somebody touched it; and, beside that, they were verified by a PIN."""
_LONGEST = 2_048


class Key(NamedTuple):
    """A public key as SSH writes it; the application is empty where no device holds it."""

    kind: bytes
    raw: bytes
    application: bytes = b""

    def to_blob(self) -> bytes:
        """Return it as ``ssh-add -L`` prints it, out of base 64."""
        parts = [self.kind, self.raw] + ([self.application] if self.kind == ON_DEVICE else [])
        return b"".join(map(pack, parts))


def pack(part: bytes) -> bytes:
    """Write a string of SSH's: its length, and itself."""
    return len(part).to_bytes(4, "big") + part


class Reader:
    """Strings and numbers of SSH's, one after the other.

    Raises
    ------
    ValueError
        By every method, where the bytes are too few; by `end`, where they are too many.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        part, self._raw = self._raw[:count], self._raw[count:]
        if len(part) != count:
            raise Unfit("it ends too early")
        return part

    def number(self) -> int:
        """Return the next unsigned 32 bits."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return the next string."""
        return self.take(self.number())

    def end(self) -> None:
        """Refuse what is left over."""
        if self._raw:
            raise Unfit("it goes on after its end")


def write_key(blob: bytes) -> str:
    """Write an SSH public key as ``gate.yaml`` lists it: the second word that ssh-add prints."""
    return write_base64(PREFIX, blob)


def read_key(text: str) -> Key:
    """Read an SSH public key of a kind that the gate takes.

    Raises
    ------
    ValueError
        If it is another.
    """
    return read_blob(read_base64(PREFIX, text))


def read_blob(blob: bytes) -> Key:
    """Read a public key as an agent names it.

    Raises
    ------
    ValueError
        If it is of another kind.
    """
    reader = Reader(blob)
    kind = reader.string()
    if kind not in {PLAIN, ON_DEVICE}:
        raise ValueError("an SSH key of another kind than Ed25519")
    raw = refuse_weak(reader.string())
    key = Key(kind, raw, reader.string() if kind == ON_DEVICE else b"")
    reader.end()
    return key


def fingerprint(blob: bytes) -> str:
    """Return the fingerprint that OpenSSH prints."""
    return write_base64("SHA256:", hashlib.sha256(blob).digest()).rstrip("=")


def to_be_signed(message: bytes) -> bytes:
    """Return what an agent is asked to sign for a message."""
    said = [NAMESPACE.encode(), b"", _HASH, hashlib.sha512(message).digest()]
    return _MAGIC + b"".join(map(pack, said))


def write_signature(key: Key, answer: bytes) -> str:
    """Write what an agent answered as the text of a signature."""
    said = [key.to_blob(), NAMESPACE.encode(), b"", _HASH, answer]
    raw = _MAGIC + _VERSION.to_bytes(4, "big") + b"".join(map(pack, said))
    return write_base64(MARKS, raw)


class _Signed(NamedTuple):
    key: bytes
    kind: bytes
    signature: bytes
    flags: int = 0
    counter: int | None = None


def _read_signature(text: str) -> _Signed:
    if not text.startswith(MARKS) or len(text) > _LONGEST:
        raise Unfit("no signature of SSH's")
    reader = Reader(read_base64(MARKS, text))
    if reader.take(len(_MAGIC)) != _MAGIC or reader.number() != _VERSION:
        raise Unfit("no signature of SSH's")
    key, *said = (reader.string() for _ in range(4))
    if said != [NAMESPACE.encode(), b"", _HASH]:
        raise Unfit("it was made for another purpose")
    inner = Reader(reader.string())
    reader.end()
    kind, signature = inner.string(), inner.string()
    found = _Signed(key, kind, signature)
    if kind == ON_DEVICE:
        found = found._replace(flags=inner.take(1)[0], counter=inner.number())
    inner.end()
    return found


def _check(text: str, signature: str, message: bytes) -> None:
    key, found = read_key(text), _read_signature(signature)
    if (found.key, found.kind) != (key.to_blob(), key.kind):
        raise Unfit("it is of another key")
    said = to_be_signed(message)
    if key.kind == ON_DEVICE:
        if not found.flags & _TOUCHED or found.flags & ~_USES or found.counter is None:
            raise Unfit("nobody touched the device")
        said = (
            hashlib.sha256(key.application).digest()
            + bytes([found.flags])
            + found.counter.to_bytes(4, "big")
            + hashlib.sha256(said).digest()
        )
    check_raw(key.raw, found.signature, said)


SIGNER: Final = Signer(
    "ssh-agent", PREFIX, MARKS,
    material=lambda text: read_key(text).raw,
    check=_check,
    count=lambda text: _read_signature(text).counter,
)  # fmt: skip

"""Ed25519 keys of Qraft's own: a runner's, and a person's that is sealed by a passphrase."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from configs.keys.signers.signer import Signer, Unfit, read_base64, write_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX: Final = "ed25519:"
KEY_BYTES: Final = 32
NO_KEY: Final = "not a public key; `qraft gate keys list` prints yours"

_FIELD = 2**255 - 19
_EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH})
"""The y of all points of small order: under such a key a signature fits any message."""
_SIGNATURE = re.compile(r"[0-9a-f]{128}")


def write_public_key(raw: bytes) -> str:
    """Write a public key as ``gate.yaml`` lists it.

    Examples
    --------
    >>> write_public_key(bytes(range(32)))
    'ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
    """
    return write_base64(PREFIX, raw)


@lru_cache(maxsize=256)
def read_public_key(text: str) -> bytes:
    """Read a public key, shape (32,) bytes.

    Raises
    ------
    ValueError
        If it is no Ed25519 key in the one way to write it, or one under which anybody can sign.
    """
    try:
        raw = read_base64(PREFIX, text)
    except ValueError as error:
        raise ValueError(NO_KEY) from error
    return refuse_weak(raw)


def refuse_weak(raw: bytes) -> bytes:
    """Return the 32 bytes of a key under which not anybody can sign.

    Raises
    ------
    ValueError
        If it is another.
    """
    if len(raw) != KEY_BYTES:
        raise ValueError(NO_KEY)
    height = int.from_bytes(raw, "little") % 2**255
    if height >= _FIELD or height in _SMALL_ORDER:
        raise ValueError("a weak key, under which anybody can sign")
    return raw


def check_raw(raw: bytes, signature: bytes, message: bytes) -> None:
    """Refuse a signature that is not over these bytes by this key.

    Raises
    ------
    InvalidSignature
        Of the library `cryptography`.
    """
    _verifier(raw).verify(signature, message)


@lru_cache(maxsize=256)
def _verifier(raw: bytes) -> Ed25519PublicKey:
    """Return a key as the library reads it: few keys sign many entries."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(raw)


def _check(key: str, signature: str, message: bytes) -> None:
    if not _SIGNATURE.fullmatch(signature):
        raise Unfit("not 128 hex digits")
    check_raw(read_public_key(key), bytes.fromhex(signature), message)


SIGNER: Final = Signer("passphrase", PREFIX, "", read_public_key, _check, count=lambda _: None)

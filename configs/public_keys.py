"""Public keys: how they are written, which are refused, and what a signature by one is. Pure."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, StringConstraints

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PREFIX = "ed25519:"
KEY_BYTES = 32

_FIELD = 2**255 - 19
_EIGHTH = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH})
"""The y of all points of small order: under such a key a signature fits any message."""

Person = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.\-]{0,31}$")]
"""Lower case and plain letters, so that no two names look the same."""


def write_public_key(raw: bytes) -> str:
    """Write a public key as ``gate.yaml`` lists it.

    Examples
    --------
    >>> write_public_key(bytes(range(32)))
    'ed25519:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8='
    """
    return PREFIX + base64.b64encode(raw).decode()


def read_public_key(text: str) -> bytes:
    """Read a public key, shape (32,) bytes.

    Raises
    ------
    ValueError
        If it is no Ed25519 key in the one way to write it, or one under which anybody can sign.
    """
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES or write_public_key(raw) != text:
        raise ValueError("not a public key; `qraft gate keys list` prints yours")
    height = int.from_bytes(raw, "little") % 2**255
    if height >= _FIELD or height in _SMALL_ORDER:
        raise ValueError("a weak key, under which anybody can sign")
    return raw


def _checked(text: str) -> str:
    read_public_key(text)
    return text


PublicKey = Annotated[str, AfterValidator(_checked)]
"""As ``ed25519:`` and 44 letters of base 64."""


def signature_fits(key: str, signature: str, message: bytes) -> bool:
    """Whether a signature, in hex, is over these bytes by this key."""
    from cryptography.exceptions import InvalidSignature

    try:
        _verifier(key).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


@lru_cache(maxsize=256)
def _verifier(key: str) -> Ed25519PublicKey:
    """Return a key as the library reads it: few keys sign many entries."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    return Ed25519PublicKey.from_public_bytes(read_public_key(key))

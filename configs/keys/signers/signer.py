"""What every kind of signer says: which keys it has, and whether a signature is one of theirs."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Unfit(ValueError):
    """A signature that is not of its kind's form, or says what its kind does not accept."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One kind of key.

    Attributes
    ----------
    name
        What a person calls it.
    prefix
        Begins the text of a key of this kind, as ``ssh:``.
    marks
        Begins the text of a signature of this kind; empty for plain Ed25519, which is hex.
    material
        Returns of a key's text the bytes by which it signs, whatever kind it is listed under: two
        texts of the same bytes are one key. Raises ValueError for what is no such key.
    check
        Takes key, signature and message; raises ValueError or `InvalidSignature` where it does not
        fit.
    count
        Returns of a signature's text how often its device has signed; none for what keeps no count,
        ValueError for what is no such signature.
    """

    name: str
    prefix: str
    marks: str
    material: Callable[[str], bytes]
    check: Callable[[str, str, bytes], None]
    count: Callable[[str], int | None]


def write_base64(prefix: str, raw: bytes) -> str:
    """Write bytes behind a prefix."""
    return prefix + base64.b64encode(raw).decode()


def read_base64(prefix: str, text: str) -> bytes:
    """Read bytes from behind a prefix, written in the one way to write them.

    Raises
    ------
    ValueError
        If it is another text.
    """
    try:
        raw = base64.b64decode(text.removeprefix(prefix), validate=True)
    except binascii.Error as error:
        raise ValueError(f"no base 64 behind `{prefix}`") from error
    if write_base64(prefix, raw) != text:
        raise ValueError(f"no base 64 behind `{prefix}`")
    return raw

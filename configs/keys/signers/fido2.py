"""Security keys by FIDO2: an assertion of WebAuthn for a name of the gate's own.

Its key is Ed25519 or P-256. What it signs is the digest of a name, a byte that says whether
somebody touched it, how often it has signed, and the digest of what it was asked: nothing else, so
that one message has one form. Only to ask a device takes the library `fido2`; to check does not.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.keys.signers.ed25519 import KEY_BYTES, check_raw, refuse_weak
from configs.keys.signers.signer import Signer, Unfit, read_base64, write_base64

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

PREFIX: Final = "fido2:"
RELYING_PARTY: Final = "gate.qraft"
"""For whom a device makes and uses its key; one for another name fits nothing here."""
ORIGIN: Final = "qraft:gate"
_POINT_BYTES: Final = 33
_DATA_BYTES: Final = 37
"""Of what a device says: 32 of the name's digest, one of flags, 4 of its count."""
_TOUCHED, _USES = 0x01, 0x01 | 0x04 | 0x08 | 0x10
"""Flags: touched; verified by a PIN; may be backed up, and is."""
_LONGEST = 1_024


class Assertion(NamedTuple):
    """What a device says and signs."""

    data: bytes
    signature: bytes

    @property
    def flags(self) -> int:
        """What the device says of the person."""
        return self.data[32]

    @property
    def counter(self) -> int:
        """How often it has signed; 0 always for a device that does not count."""
        return int.from_bytes(self.data[33:], "big")


def write_key(raw: bytes) -> str:
    """Write a public key as ``gate.yaml`` lists it: 32 bytes of Ed25519, or 33 of a P-256 point."""
    return write_base64(PREFIX, raw)


def read_key(text: str) -> bytes:
    """Read a public key.

    Raises
    ------
    ValueError
        If it is none.
    """
    raw = read_base64(PREFIX, text)
    if len(raw) == KEY_BYTES:
        return refuse_weak(raw)
    if len(raw) != _POINT_BYTES:
        raise ValueError("no key of a security key")
    _point(raw)
    return raw


def challenge(message: bytes) -> bytes:
    """Return what a device is asked, for a message."""
    return hashlib.sha256(message).digest()


def client_data(message: bytes) -> bytes:
    """Return what WebAuthn wraps around the challenge, in the one form that counts here."""
    said = {
        "type": "webauthn.get",
        "challenge": base64.urlsafe_b64encode(challenge(message)).decode().rstrip("="),
        "origin": ORIGIN,
        "crossOrigin": False,
    }
    return json.dumps(said, separators=(",", ":")).encode()


def write_signature(data: bytes, signature: bytes) -> str:
    """Write what a device answered as the text of a signature."""
    return write_base64(PREFIX, data + signature)


def _read_signature(text: str) -> Assertion:
    if not text.startswith(PREFIX) or len(text) > _LONGEST:
        raise Unfit("no assertion of a security key")
    raw = read_base64(PREFIX, text)
    if len(raw) <= _DATA_BYTES:
        raise Unfit("no assertion of a security key")
    return Assertion(raw[:_DATA_BYTES], raw[_DATA_BYTES:])


def _check(key: str, signature: str, message: bytes) -> None:
    raw, found = read_key(key), _read_signature(signature)
    if found.data[:32] != hashlib.sha256(RELYING_PARTY.encode()).digest():
        raise Unfit("it was made for another purpose")
    if not found.flags & _TOUCHED or found.flags & ~_USES:
        raise Unfit("nobody touched the device")
    said = found.data + hashlib.sha256(client_data(message)).digest()
    if len(raw) == KEY_BYTES:
        check_raw(raw, found.signature, said)
        return
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
    from cryptography.hazmat.primitives.hashes import SHA256

    _point(raw).verify(found.signature, said, ECDSA(SHA256()))


def _point(raw: bytes) -> EllipticCurvePublicKey:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

    return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)


SIGNER: Final = Signer(
    "fido2", PREFIX, PREFIX,
    material=read_key,
    check=_check,
    count=lambda text: _read_signature(text).counter,
)  # fmt: skip

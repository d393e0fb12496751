"""A security key in software: CTAP2 by the structures of the library `fido2`, touched by itself.

What it signs is real, and checked by whoever checks a device's: only the hardware is missing.
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor, cose
from fido2.ctap import CtapDevice, CtapError
from fido2.ctap2 import Ctap2
from fido2.hid import CAPABILITY
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG


class SecurityKey(CtapDevice):
    """A device that is plugged in.

    Parameters
    ----------
    algorithm
        Of the keys that it makes: -8 for Ed25519, -7 for P-256.
    touched
        Whether somebody touches it when it waits.
    """

    def __init__(self, algorithm: int = -8, *, touched: bool = True) -> None:
        self.algorithm, self.touched = algorithm, touched
        self.counter = 0
        self.keys: dict[bytes, tuple[str, object]] = {}

    @property
    def capabilities(self) -> int:
        return CAPABILITY.CBOR

    @classmethod
    def list_devices(cls):
        return iter(())

    def call(self, cmd, data=b"", event=None, on_keepalive=None) -> bytes:
        answer = {
            Ctap2.CMD.GET_INFO: self._info,
            Ctap2.CMD.MAKE_CREDENTIAL: self._make,
            Ctap2.CMD.GET_ASSERTION: self._sign,
        }[data[0]](cbor.decode(data[1:]) if data[1:] else {})
        if isinstance(answer, int):
            return bytes([answer])
        return b"\0" + cbor.encode(answer)

    def _info(self, _) -> dict:
        return {1: ["FIDO_2_0"], 3: bytes(16), 4: {"rk": False, "up": True}, 5: 2048}

    def _make(self, asked) -> dict | int:
        if all(one["alg"] != self.algorithm for one in asked[4]):
            return CtapError.ERR.UNSUPPORTED_ALGORITHM
        made = Ed25519PrivateKey.generate() if self.algorithm == -8 else ec.generate_private_key(
            ec.SECP256R1()
        )  # fmt: skip
        kind = cose.EdDSA if self.algorithm == -8 else cose.ES256
        public = kind.from_cryptography_key(made.public_key())
        name = hashlib.sha256(repr(len(self.keys)).encode()).digest()
        self.keys[name] = (asked[2]["id"], made)
        said = AuthenticatorData.create(
            hashlib.sha256(asked[2]["id"].encode()).digest(), FLAG.UP | FLAG.AT, 0,
            AttestedCredentialData.create(bytes(16), name, public),
        )  # fmt: skip
        return {1: "none", 2: bytes(said), 3: {}}

    def _sign(self, asked) -> dict | int:
        wanted = [one["id"] for one in asked[3]]
        known = [name for name in wanted if name in self.keys and self.keys[name][0] == asked[1]]
        if not known:
            return CtapError.ERR.NO_CREDENTIALS
        preflight = asked.get(5, {}).get("up") is False
        if not preflight and not self.touched:
            return CtapError.ERR.USER_ACTION_TIMEOUT
        data, signature = self.assertion(known[0], asked[1], asked[2], up=not preflight)
        return {1: {"type": "public-key", "id": known[0]}, 2: data, 3: signature}

    def assertion(self, name: bytes, party: str, asked: bytes, *, up: bool = True):
        """Sign as a device would; for attacks, with whatever it is told."""
        private = self.keys[name][1]
        self.counter += up
        flags = FLAG.UP if up else FLAG(0)
        said = bytes(
            AuthenticatorData.create(hashlib.sha256(party.encode()).digest(), flags, self.counter)
        )
        if isinstance(private, Ed25519PrivateKey):
            return said, private.sign(said + asked)
        return said, private.sign(said + asked, ec.ECDSA(SHA256()))

"""A key of Qraft's own, sealed by a passphrase: AES-256-GCM under a key that scrypt derives.

The cost of scrypt is fixed by the format and not read from the file: a planted file cannot make it
cheap, nor ask for all memory.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, Failed, Forbidden
from configs.keys.public import write_public_key
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from gate.deciding.signing.asked import Asked

FORMAT: Final = "qraft private key 1"
SEALED: Final = ("salt", "nonce", "sealed")
"""The fields of a key's file that are binary."""
SHORTEST: Final = 12
"""Letters of a passphrase."""
_LEAST_SCORE = 3
"""Of zxcvbn's 0 to 4: more than a hundred million guesses."""
_JUDGED = 72
"""Letters that are judged; what comes after them is taken as it is."""
_SALT_BYTES, _NONCE_BYTES = 16, 12
_COST = {"n": 2**16, "r": 8, "p": 1}
"""scrypt's: 64 MiB and a fifth of a second a guess."""


def judge_passphrase(passphrase: str, person: str) -> None:
    """Refuse a passphrase that is easy to guess, by zxcvbn.

    Parameters
    ----------
    person
        Whose: their name is no secret.

    Raises
    ------
    BadInput
        Saying what would be better.
    """
    from zxcvbn import zxcvbn

    if len(passphrase) < SHORTEST:
        raise BadInput(f"a passphrase has at least {SHORTEST} letters; a few words are good")
    judged = zxcvbn(passphrase[:_JUDGED], [person, "qraft"])
    if judged["score"] >= _LEAST_SCORE:
        return
    feedback = judged["feedback"]
    raise BadInput(
        "the passphrase is too easy to guess; no key was made",
        hint=" ".join(filter(None, [feedback["warning"], *feedback["suggestions"]])),
    )


def new_key() -> Ed25519PrivateKey:
    """Make a key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def public_of(private: Ed25519PrivateKey) -> str:
    """Return a key's public half, as the policy lists it."""
    return write_public_key(private.public_key().public_bytes_raw())


def seal(private: Ed25519PrivateKey, person: str, passphrase: str) -> dict[str, str]:
    """Return what the file of a key says beside whose it is."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(
        nonce, private.private_bytes_raw(), _header(person, public_of(private))
    )
    parts = zip(SEALED, (salt, nonce, sealed), strict=True)
    return {name: base64.b64encode(part).decode() for name, part in parts}


def unseal(kept: Mapping[str, str], person: str, passphrase: str) -> Ed25519PrivateKey:
    """Return the private half.

    Raises
    ------
    Forbidden
        If the passphrase does not open it.
    Failed
        If it is not the key that its file names.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        salt, nonce, sealed = (base64.b64decode(kept[name], validate=True) for name in SEALED)
        raw = AESGCM(_derive(passphrase, salt)).decrypt(
            nonce, sealed, _header(person, kept["public"])
        )
        private = Ed25519PrivateKey.from_private_bytes(raw)
    except (InvalidTag, ValueError) as error:
        raise Forbidden(f"the passphrase does not open the key of {person}") from error
    if public_of(private) != kept["public"]:
        raise Failed(f"the key of {person} is not the one that its file names")
    return private


def sign(asked: Asked) -> str:
    """Sign by the key that the passphrase opens, which is typed at the terminal."""
    person = asked.key.person
    passphrase = asked.terminal.ask_secret(f"passphrase of {person}: ")
    return asked.keyring.sign(person, passphrase, asked.message)


def _header(person: str, public: str) -> bytes:
    return canonical_json({"format": FORMAT, "person": person, "public": public}).encode()


def _derive(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, **_COST).derive(passphrase.encode())

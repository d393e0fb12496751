"""Public keys and signatures as documents and entries hold them. Pure.

What a key is, and what a signature by it, each kind of signer says: see `configs.keys.signers`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from configs.keys.signers.ed25519 import read_public_key, write_public_key
from configs.keys.signers.table import count_of, material, refuse_malformed, signature_fits

__all__ = [
    "Person", "PublicKey", "RunnerKey", "Signature", "count_of", "material", "read_public_key",
    "signature_fits", "write_public_key",
]  # fmt: skip

Person = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.\-]{0,31}$")]
"""Lower case and plain letters, so that no two names look the same."""


def _checked(text: str) -> str:
    material(text)
    return text


def _of_runner(text: str) -> str:
    read_public_key(text)
    return text


PublicKey = Annotated[str, AfterValidator(_checked)]
"""As ``ed25519:``, ``ssh:`` or ``fido2:`` and base 64."""

RunnerKey = Annotated[str, AfterValidator(_of_runner)]
"""As ``ed25519:`` and 44 letters of base 64: a machine signs by no other kind."""

Signature = Annotated[str, StringConstraints(max_length=20_000), AfterValidator(refuse_malformed)]
"""Hex for Ed25519; ``sshsig:`` or ``fido2:`` and base 64; empty where nobody signs."""

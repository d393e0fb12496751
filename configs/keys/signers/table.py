"""The table of signers, and what is asked of any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from configs.keys.signers import ed25519, fido2, ssh

if TYPE_CHECKING:
    from configs.keys.signers.signer import Signer

SIGNERS: Final[tuple[Signer, ...]] = (ed25519.SIGNER, ssh.SIGNER, fido2.SIGNER)
"""All kinds of key; each begins with a prefix of its own."""


def signer_of(key: str) -> Signer:
    """Return the kind of a key.

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    for signer in SIGNERS:
        if key.startswith(signer.prefix):
            return signer
    raise ValueError(ed25519.NO_KEY)


def material(key: str) -> bytes:
    """Return the bytes by which a key signs, whatever it is called.

    Raises
    ------
    ValueError
        If it is no key, or a weak one.
    """
    return signer_of(key).material(key)


def signature_fits(key: str, signature: str, message: bytes) -> bool:
    """Whether a signature is over these bytes by this key, and of the key's own kind."""
    from cryptography.exceptions import InvalidSignature

    try:
        signer_of(key).check(key, signature, message)
    except (InvalidSignature, ValueError, TypeError, AttributeError):
        return False
    return True


def count_of(signature: str) -> int | None:
    """Return how often the device of a signature has signed; None for what keeps no count."""
    for signer in SIGNERS:
        if signer.marks and signature.startswith(signer.marks):
            try:
                return signer.count(signature)
            except ValueError:
                return None
    return None


def refuse_malformed(signature: str) -> str:
    """Return the text of a signature that says its kind only if it is of that kind.

    Raises
    ------
    ValueError
        If it is not. What says no kind is plain Ed25519, and is looked at when it is checked.
    """
    if ":" not in signature:
        return signature
    for signer in SIGNERS:
        if signer.marks and signature.startswith(signer.marks):
            signer.count(signature)
            return signature
    raise ValueError("a signature of a kind that is not known here")

"""Swearing: a person's signature inside an entry, by which it counts wherever it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.ledger.trust import sworn_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Swears:
    """Adds a person's signature to what is about to be written.

    Attributes
    ----------
    ledger
        That it is for.
    by, key
        Who signs, and their public key.
    sign
        Shows what is signed, asks the person, and returns the signature in hex.
    """

    ledger: Ledger
    by: str
    key: str
    sign: Callable[[bytes], str]

    def __call__(self, kind: str, body: dict[str, object]) -> dict[str, object]:
        """Return the body of an entry with who signed it."""
        said = {**body, "by": self.by, "key": self.key}
        return {**said, "signature": self.sign(sworn_bytes(kind, said, self.ledger.id))}


def unsigned(body: dict[str, object]) -> dict[str, object]:
    """Return the body of an entry that nobody signs, where nobody is listed who could."""
    return {**body, "by": "", "key": "", "signature": ""}

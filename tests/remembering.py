"""Signatures are looked at once: the same lines are read again at each step of some tests."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import gate.approval.approvals
import storage.ledger.trust

if TYPE_CHECKING:
    import pytest

ROOMS = (storage.ledger.trust, gate.approval.approvals)


def remember_signatures(patch: pytest.MonkeyPatch) -> None:
    """Ask whoever tells whether a signature fits once for the same key, signature and bytes."""
    for room in ROOMS:
        patch.setattr(room, "signature_fits", lru_cache(100_000)(room.signature_fits))

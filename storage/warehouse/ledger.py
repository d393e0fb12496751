"""What is asked of the ledger's projection."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from storage.warehouse.port import Warehouse


def newest_entry(warehouse: Warehouse) -> tuple[int, str] | None:
    """Return the number and the hash of the newest entry that the projection knows."""
    newest = warehouse.rows("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1")
    return (newest[0]["seq"], newest[0]["hash"]) if newest else None

"""Money: reserved before a call, settled after it, and counted even if the process dies between."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from agent.models.errors import OverBudget
from configs.errors import Damaged
from storage.locks import hold

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORKSPACE: Final = "workspace"
"""The account that every call is charged to."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What was spent in a workspace, in one file of JSON lines.

    A reservation counts in full until it is settled, so what a killed process may have spent counts
    as the worst case for ever.

    Parameters
    ----------
    path
        The file; its folder is made when first needed.
    limits
        US dollars by account; a call is charged to all accounts that are named here.
    wait_s
        Seconds to wait for another process that counts.
    """

    path: Path
    limits: Mapping[str, float]
    wait_s: float = 30.0

    def reserve(self, usd: float, model: str) -> str:
        """Set money aside for one call; return the reservation's name.

        Raises
        ------
        OverBudget
            If an account would be exceeded; nothing is set aside.
        """
        accounts = sorted({WORKSPACE, *self.limits})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._lock():
            spent = self._spent()
            for account, limit in self.limits.items():
                left = limit - spent.get(account, 0.0)
                if usd > left + 1e-12:
                    raise OverBudget(
                        f"the next call to {model} might cost {usd:.4f} USD, and of {limit:g} USD "
                        f"({account}) {max(left, 0):.4f} are left; it was not made",
                        hint="raise llm.budget_usd in qraft.yaml, or ask for less"
                        if account == WORKSPACE
                        else "raise the budget, or ask for less",
                    )
            name = uuid4().hex
            self._append({"id": name, "reserved_usd": usd, "model": model, "accounts": accounts})
        return name

    def settle(self, name: str, usd: float) -> None:
        """Replace a reservation by what the call did cost."""
        with self._lock():
            self._append({"id": name, "settled_usd": usd})

    def spent(self, account: str = WORKSPACE) -> float:
        """Return what an account has spent, reservations that were never settled in full."""
        return self._spent().get(account, 0.0)

    def _spent(self) -> dict[str, float]:
        calls: dict[str, tuple[float, list[str]]] = {}
        for row in self._rows():
            if "reserved_usd" in row:
                calls[row["id"]] = (row["reserved_usd"], row["accounts"])
            elif row["id"] in calls:
                calls[row["id"]] = (row["settled_usd"], calls[row["id"]][1])
        totals: dict[str, float] = {}
        for usd, accounts in calls.values():
            for account in accounts:
                totals[account] = totals.get(account, 0.0) + usd
        return totals

    def _rows(self) -> list[dict[str, Any]]:
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        rows = []
        for number, line in enumerate(lines, 1):
            if not line.endswith("}"):
                continue  # torn by a kill: the call was not made yet, or is counted in full
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise Damaged(f"{self.path}, line {number}, is not what was written") from error
        return rows

    def _append(self, row: Mapping[str, Any]) -> None:
        """Write one line and see it on the disk before the call is made."""
        stamp = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"at": stamp, **row}) + "\n"
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(descriptor).st_size
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                line = "\n" + line  # after a torn line
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _lock(self) -> Any:
        return hold(
            self.path.with_suffix(".lock"), what="the count of spending", timeout_s=self.wait_s
        )

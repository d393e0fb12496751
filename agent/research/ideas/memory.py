"""Ideas that a workspace has tried or rejected, by what tells them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.research.ideas.likeness import fingerprint
from agent.research.journal import Journal
from configs.errors import QraftError
from tasks.dag.plan import read_plan

if TYPE_CHECKING:
    from pathlib import Path

    from storage.lake.lake import Lake
    from storage.ledger import Ledger

REJECTED: Final = ("rejection", "demotion")


def known_ideas(lake: Lake, ledger: Ledger, folder: Path, *, but: str) -> dict[str, str]:
    """Return the ideas that were tried before, by fingerprint, and what became of each.

    Parameters
    ----------
    folder
        Where the journals of researches are.
    but
        The research that asks: its own trials are in its journal.
    """
    known: dict[str, str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        if path.stem != but:
            for line in Journal(path).of("trying"):
                known[line["idea"]] = f"tried in research {path.stem}"
    rejected = {
        entry.body.get("strategy"): entry.kind
        for entry in ledger.entries()
        if entry.kind in REJECTED
    }
    for info in lake.store.list("runs"):
        try:
            plan = read_plan(lake.store.get(info.path))
            idea = fingerprint(plan.spec)
        except QraftError:
            continue  # a plan of before, which today's schema does not read
        kind = rejected.get(plan.strategy)
        known[idea] = f"{kind} of {plan.strategy}" if kind else f"run {plan.run_id}"
    return known

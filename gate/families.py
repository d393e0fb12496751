"""Families: trials that looked at the same data are counted together, whatever they are called.

Two trials are of one family where their bars are alike (`storage.seals.likeness`), or where each is
like a third: neither another name of the study, nor another name, format, period or selection of
the data begins afresh. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate import trials
from storage.seals.likeness import Sketch, alike, read_sketch
from storage.seals.register import SEALED, SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.ledger import Entry


class Families:
    """The families that the ledger knows.

    Parameters
    ----------
    entries
        Of the ledger; those that name neither data nor trials are passed over.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._parent: dict[str, str] = {}
        self._sketches: dict[str, Sketch] = {}
        self._holding: dict[str, list[str]] = {}
        self._trials: list[Entry] = []
        for entry in entries:
            if entry.kind in {SEEN, SEALED}:
                self._meet(read_sketch(entry.body))
            elif entry.kind == trials.KIND:
                self._parent.setdefault(_node(entry), _node(entry))
                self._trials.append(entry)

    def name_of(self, print_: str) -> str:
        """Return the family of some bars: the name of the first that were like them."""
        while (above := self._parent.get(print_, print_)) != print_:
            print_ = above
        return print_

    def of_run(self, run_id: str) -> str | None:
        """Return the family of a run's trial."""
        for trial in reversed(self._trials):
            if trial.body["run_id"] == run_id:
                return self.name_of(_node(trial))
        return None

    def trials(self, family: str) -> list[Entry]:
        """Return the trials of a family, the oldest first."""
        return [trial for trial in self._trials if self.name_of(_node(trial)) == family]

    def last_day(self, trial: Entry) -> str:
        """Return the last day that a trial read, ISO; empty where the ledger does not say."""
        seen = self._sketches.get(_node(trial))
        return seen.last if seen else ""

    def _meet(self, seen: Sketch) -> None:
        """Take up bars: all families that they are like become one, named by the oldest."""
        if seen.name in self._sketches:
            return
        self._parent.setdefault(seen.name, seen.name)
        near = {name for text in seen.hashes for name in self._holding.get(text, [])}
        roots = {self.name_of(name) for name in near if alike(seen, self._sketches[name])}
        roots.add(self.name_of(seen.name))
        self._sketches[seen.name] = seen
        for text in seen.hashes:
            self._holding.setdefault(text, []).append(seen.name)
        oldest = next(name for name in self._parent if name in roots)
        for root in roots:
            self._parent[root] = oldest


def family_of(entries: Iterable[Entry], print_: str) -> str:
    """Return the name of the family of some bars that are on the ledger."""
    return Families(entries).name_of(print_)


def _node(trial: Entry) -> str:
    return str(trial.body.get("print") or trial.body["family"])

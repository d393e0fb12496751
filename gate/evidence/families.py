"""Families: trials that looked at the same data are counted together, whatever they are called.

Two trials are of one family where they read the same bytes, in whatever way (by other columns, as
other symbols), where their bars are alike (`storage.seals.likeness`), or where each is like a
third: neither another name of the study, nor another name, format, period or selection of the data
begins afresh. What overlaps is found here; what is alike by the longer comparison was found when
the bars were first read, and is named by their entry. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gate.evidence import trials
from storage.seals.likeness import Sketch, overlap, read_sketch
from storage.seals.register import SEALED, SEEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.ledger import Entry

BYTES: Final = "bytes "


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
        self._first_with: dict[str, str] = {}
        for entry in entries:
            if entry.kind in {SEEN, SEALED}:
                self._meet(read_sketch(entry.body), entry.body)
            elif entry.kind == trials.KIND:
                self._parent.setdefault(_node(entry), _node(entry))
                self._join(_node(entry), [_bytes_of(entry.body)])
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

    def _meet(self, seen: Sketch, body: Mapping[str, Any]) -> None:
        """Take up bars: all families that they are like become one, named by the oldest."""
        self._parent.setdefault(seen.name, seen.name)
        told = [name for name in body.get("like", ()) if name in self._parent]
        self._join(seen.name, [*told, _bytes_of(body)])
        if seen.name in self._sketches:
            return
        marks = (*seen.hashes, *(f"run {run}" for run in seen.track.runs))
        near = {name for text in marks for name in self._holding.get(text, [])}
        self._join(seen.name, [one for one in near if overlap(seen, self._sketches[one])])
        self._sketches[seen.name] = seen
        for text in marks:
            self._holding.setdefault(text, []).append(seen.name)

    def _join(self, name: str, others: Iterable[str]) -> None:
        """Make one family of those of some names; bytes are names that come after all others."""
        roots = {self.name_of(name)}
        for other in others:
            if other.startswith(BYTES):
                roots.add(self.name_of(self._first_with.setdefault(other, name)))
            else:
                roots.add(self.name_of(other))
        if len(roots) > 1:
            oldest = next(one for one in self._parent if one in roots)
            for root in roots:
                self._parent[root] = oldest


def family_of(entries: Iterable[Entry], print_: str) -> str:
    """Return the name of the family of some bars that are on the ledger."""
    return Families(entries).name_of(print_)


def _bytes_of(body: Mapping[str, Any]) -> str:
    """Return what stands for the bytes that were read; a trial that names none is its own."""
    data = body.get("data")
    return f"{BYTES}{data}" if data else str(body.get("print") or body.get("family"))


def _node(trial: Entry) -> str:
    return str(trial.body.get("print") or trial.body["family"])

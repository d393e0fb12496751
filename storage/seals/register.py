"""The register: which data were seen and which are sealed, by the ledger. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from storage.seals.likeness import Sketch, alike, overlap, read_sketch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.ledger import Entry

SEEN = "data"
"""The kind of entry that says which bars a trial reads."""

COMPARED = 3
"""Of sketches that overlap one another, so many are compared with a new one."""

SEALED = "seal"
"""The kind of entry that seals the last part of a source."""


@dataclass(frozen=True, slots=True)
class Seal:
    """The last part of a source, closed to research.

    Attributes
    ----------
    source
        What the settings call it.
    sealed_from
        The first sealed day, in the source's zone.
    data
        sha256 of the source's bytes when it was sealed.
    whole
        The sketch of all its bars, the sealed ones too.
    """

    source: str
    sealed_from: date
    data: str
    whole: Sketch

    def to_body(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "source": self.source, "from": self.sealed_from.isoformat(), "data": self.data,
            **self.whole.to_body(),
        }  # fmt: skip


class Register:
    """What the ledger knows of data.

    Parameters
    ----------
    entries
        Of the ledger; those of other kinds are passed over.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.seals: list[Seal] = []
        self._seen: dict[tuple[str, str], Sketch] = {}
        for entry in entries:
            body = entry.body
            if entry.kind == SEALED:
                day = date.fromisoformat(body["from"])
                self.seals.append(Seal(body["source"], day, body["data"], read_sketch(body)))
            elif entry.kind == SEEN:
                self._seen[body["data"], body["reading"]] = read_sketch(body)

    def seen(self, data: str, reading: str) -> Sketch | None:
        """Return the sketch of a source's bytes as they were read before, in the same way."""
        return self._seen.get((data, reading))

    def sketches(self) -> Iterable[Sketch]:
        """Iterate over all that was seen or sealed, the oldest first."""
        yield from self._seen.values()
        yield from (seal.whole for seal in self.seals)

    def seal_of(self, bars: Sketch, data: str = "") -> Seal | None:
        """Return the earliest seal on data like these, by bytes or by likeness.

        Parameters
        ----------
        bars
            Sketch of what is to be read.
        data
            sha256 of the bytes it is read from.
        """
        over = [seal for seal in self.seals if seal.data == data or alike(seal.whole, bars)]
        return min(over, key=lambda seal: seal.sealed_from, default=None)

    def like(self, bars: Sketch) -> list[str]:
        """Return the names of what was seen or sealed, and is like some bars.

        Of those that are like one another, some are compared: each costs a tenth of a second.
        """
        near = [one for one in self.sketches() if one.name != bars.name]
        found = [one for one in near if overlap(one, bars)]
        rest = _apart([one for one in near if one not in found])
        return [one.name for one in found] + [one.name for one in rest if alike(one, bars)]

    def seal_on(self, data: str) -> Seal | None:
        """Return the earliest seal on a source's bytes, by all ways in which they were read."""
        taken = [found for (seen, _), found in self._seen.items() if seen == data]
        over = [seal for found in taken if (seal := self.seal_of(found, data))]
        over += [seal for seal in self.seals if seal.data == data]
        return min(over, key=lambda seal: seal.sealed_from, default=None)


def _apart(sketches: Iterable[Sketch]) -> list[Sketch]:
    """Return some that stand for all: of those that overlap, a few of the oldest."""
    kept: list[list[Sketch]] = []
    for one in sketches:
        group = next((group for group in kept if overlap(group[0], one)), None)
        if group is None:
            kept.append([one])
        elif len(group) < COMPARED:
            group.append(one)
    return [one for group in kept for one in group]

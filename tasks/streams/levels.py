"""Two levels: what any source's events go through, and what is a source's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from configs.errors import Place
from tasks.streams.incremental import KEYS, Incremental
from tasks.streams.operators import make
from tasks.streams.operators.registry import FILE
from tasks.streams.outputs import NO_FEATURES
from tasks.streams.rows import BARS

if TYPE_CHECKING:
    from tasks.streams.event import Event, Scales
    from tasks.streams.operators.port import BarOperator, EventOperator
    from tasks.streams.tally import Tally
    from taskspecs.sources.spec import SourceSpec

SOUND = {"validate": {"price": {"above": 0}}}
"""What holds where a document says nothing of it: prices are above nothing."""


class FirstLevel:
    """The section `operators`: those that look at one event at a time do so as it comes, the others
    once events are in order.

    Raises
    ------
    BadInput
        If an operator cannot be, at its key.
    """

    def __init__(self, spec: SourceSpec, scales: Scales, tally: Tally) -> None:
        self._tally = tally
        self._all: list[tuple[str, EventOperator]] = []
        self.adopt(spec, scales)

    def adopt(self, spec: SourceSpec, scales: Scales) -> None:
        """Follow other settings from here on; operators that stay as they are keep their state."""
        listed = list(spec.operators)
        if not any("validate" in one for one in listed):
            listed.insert(0, SOUND)
        kept = dict(self._all)
        self._all = []
        for place, one in enumerate(listed):
            key, made = make(one, place, section="operators", scales=scales)
            self._all.append((key, kept.get(key, made)))
        self._coming = [one for _, one in self._all if not one.ordered]
        self._ordered = [one for _, one in self._all if one.ordered]

    def take(self, event: Event) -> Event | None:
        """Take an event as it comes; None where it goes no further."""
        for operator in self._coming:
            found = operator.take(event)
            if isinstance(found, str):
                self._tally.drops[found] += 1
                return None
            event = found
        return event

    def pass_on(self, events: list[Event]) -> list[tuple[int, Event]]:
        """Take events in order; return those that go on, with their place among these."""
        passed = list(enumerate(events))
        for operator in self._ordered:
            left = []
            for place, event in passed:
                found = operator.take(event)
                if isinstance(found, str):
                    self._tally.drops[found] += 1
                else:
                    left.append((place, found))
            for name, count in operator.take_notes().items():
                self._tally.notes[name] += count
            passed = left
        return passed

    def freeze(self) -> list[Any]:
        """Return the state as plain values."""
        return [one.freeze() for _, one in self._all]

    def thaw(self, state: list[Any]) -> None:
        """Go on from a state."""
        for (_, one), kept in zip(self._all, state, strict=True):
            one.thaw(kept)


def _features(spec: SourceSpec) -> Incremental | None:
    return Incremental(spec.features, Place(FILE, key="features")) if spec.features else None


class SecondLevel:
    """The sections `features` and `then`: from bars that closed to all that is known of them.

    Raises
    ------
    BadInput
        If an operator or an expression cannot be, at its key.
    """

    def __init__(self, spec: SourceSpec) -> None:
        self._all: list[tuple[str, BarOperator]] = []
        self._features: Incremental | None = None
        self._said: dict[str, str] = {}
        self.adopt(spec)

    def adopt(self, spec: SourceSpec) -> None:
        """Follow other settings from here on; what stays as it is keeps its state."""
        if spec.features != self._said or self._features is None:
            self._features = _features(spec)
            self._said = dict(spec.features)
        kept = dict(self._all)
        self._all = []
        for place, one in enumerate(spec.then):
            key, made = make(one, place, section="then", scales=None)
            self._all.append((key, kept.get(key, made)))

    def refine(self, bars: pl.DataFrame) -> pl.DataFrame:
        """Return bars with their features, and what the operators make of them, by (ts, symbol)."""
        frame = bars
        if self._features is not None:
            frame = bars.join(self._features.compute(bars), on=KEYS, how="left")
        for _, operator in self._all:
            if frame.height:
                frame = operator.apply(frame)
        return frame.sort("ts", "symbol")

    def features(self, before: pl.DataFrame, refined: pl.DataFrame) -> pl.DataFrame:
        """Put what bars do not have behind what there is of it."""
        names = [name for name in refined.columns if name not in BARS]
        new = refined.select(*KEYS, *names)
        if before is NO_FEATURES or not before.height:
            return new
        return pl.concat([before, new], how="diagonal")

    def join(self, body: bytes) -> bool:
        """Give a value of another source to those that join it; say whether it is one."""
        heard = [operator.join(body) for _, operator in self._all]
        return all(heard)

    def freeze(self) -> dict[str, Any]:
        """Return the state as plain values."""
        return {
            "features": self._features.freeze() if self._features else None,
            "then": [one.freeze() for _, one in self._all],
        }

    def thaw(self, state: dict[str, Any]) -> None:
        """Go on from a state."""
        if self._features is not None:
            self._features.thaw(state["features"])
        for (_, one), kept in zip(self._all, state["then"], strict=True):
            one.thaw(kept)

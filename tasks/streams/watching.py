"""Watching: every detector of a source over every series, events and bars."""

from __future__ import annotations

from math import log2, nan
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl

from configs.errors import BadInput, Place
from tasks.detection import patterns
from tasks.detection.cross_section import series_of
from tasks.detection.scores import SCHEMA
from tasks.streams.event import Candle
from tasks.streams.frames import instant
from tasks.streams.incremental import Incremental
from tasks.streams.operators.registry import FILE
from tasks.streams.outputs import NO_PATTERNS, NO_SCORES, PATTERNS
from tasks.streams.thresholds import Thresholds
from tasks.streams.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tasks.streams.documents import Rating
    from tasks.streams.event import Event, Scales
    from taskspecs.detectors import DetectorSpec
    from taskspecs.sources.flow import DetectionSpec
    from taskspecs.sources.spec import SourceSpec

EVENT_FIELDS: Final = ("$price", "$size", "$return")
"""What can be watched in events."""


class Part(NamedTuple):
    """What one detector measured over some values of one series.

    Attributes
    ----------
    ranks
        Where each value stands among all that became certain: see :meth:`Watching.watch_events`.
    """

    symbol: str
    place: int
    spec: DetectorSpec
    ranks: Sequence[int]
    times: Sequence[int]
    scores: Sequence[float | None]


class Watching:
    """Runs detectors over series as they come, and says what they find in a fixed order.

    Raises
    ------
    BadInput
        If something is watched that cannot be, at its key.
    """

    def __init__(self, spec: SourceSpec, scales: Scales) -> None:
        self.thresholds = Thresholds(spec.feedback)
        self.withheld = 0
        self._watchers: dict[str, dict[str, Watcher]] = {}
        self._expressions: Incremental | None = None
        self._texts: dict[str, str] = {}
        self._closes: dict[str, int] = {}
        self._keep_every = 1
        self._parts: list[Part] = []
        self._found: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
        self.adopt(spec, scales)

    def adopt(self, spec: SourceSpec, scales: Scales) -> None:
        """Follow other settings from here on; detectors that stay as they are keep their state."""
        self._specs = list(spec.detection)
        for place, one in enumerate(self._specs):
            _refuse(one, place)
        self._keys = [one.detector.model_dump_json() + one.on for one in self._specs]
        self._watchers = {key: self._watchers.get(key, {}) for key in self._keys}
        bars = [one for one in self._specs if one.on == "bars"]
        texts = {text: text for one in bars for text in one.detector.watched}
        if texts != self._texts:
            self._texts = texts
            said_at = Place(FILE, key="detection")
            self._expressions = Incremental(texts, said_at) if texts else None
        self._on_events = [p for p, one in enumerate(self._specs) if one.on == "events"]
        self._on_bars = [p for p, one in enumerate(self._specs) if one.on == "bars"]
        self._price = 10.0**scales.price_decimals
        self._size = 10.0**scales.size_decimals
        self.thresholds.adopt(spec.feedback)

    def thin(self, keep_every: int) -> None:
        """Look at each so-many-th event of a symbol from here on."""
        self._keep_every = keep_every

    def heed(self, rating: Rating) -> Mapping[str, Any]:
        """Take a person's rating; return what came of it."""
        return self.thresholds.rate(rating)

    def watch_events(self, events: Sequence[tuple[int, Event]], begun: int) -> None:
        """Take clean events, in order.

        Parameters
        ----------
        events
            Each with its place among those that went on together.
        begun
            How many had gone on before: place and this give a rank that does not depend on cuts.
        """
        if not self._on_events:
            return
        by_symbol: dict[str, list[tuple[int, Event]]] = {}
        for one in events:
            by_symbol.setdefault(one[1].symbol, []).append(one)
        for symbol, mine in by_symbol.items():
            numbers = self._numbers(symbol, [event for _, event in mine])
            ranks = [2 * (begun + place) for place, _ in mine]
            times = [event.ts_us for _, event in mine]
            for place in self._on_events:
                fields = [numbers[name] for name in self._specs[place].detector.watched]
                self._run(symbol, place, ranks, times, list(zip(*fields, strict=True)))

    def _numbers(self, symbol: str, events: Sequence[Event]) -> dict[str, list[float]]:
        candle = isinstance(events[0], Candle)
        prices = [event.close if candle else event.price for event in events]  # type: ignore[union-attr]
        sizes = [event.volume if candle else event.size for event in events]  # type: ignore[union-attr]
        returns, last = [], self._closes.get(symbol, 0)
        for price in prices:
            returns.append(price / last - 1.0 if last else nan)
            last = price
        self._closes[symbol] = last
        unit, size = self._price, self._size
        return {
            "$price": [price / unit for price in prices],
            "$size": [one / size for one in sizes],
            "$return": returns,
        }

    def watch_bars(
        self, refined: pl.DataFrame, closed: pl.Series, crossings: Sequence[tuple[int, int]]
    ) -> None:
        """Take what was made of bars that closed.

        Parameters
        ----------
        refined
            Later than all before, by (ts, symbol).
        closed
            The times of the bars that closed; what is made of them is of the same or earlier ones.
        crossings
            Watermarks, and how many events had gone on when each was reached.
        """
        if self._expressions is None or not refined.height:
            return
        frame = self._expressions.compute(refined)
        ends = closed.unique().sort().to_physical().to_numpy()
        marks = np.array([watermark for watermark, _ in crossings])
        counts = [count for _, count in crossings]
        for place in self._on_bars:
            spec = self._specs[place].detector
            for symbol, series in series_of(frame, [spec], spec.scope):
                times = series["ts"].to_physical().to_list()
                at = np.searchsorted(marks, ends[np.searchsorted(ends, times)])
                ranks = [2 * counts[int(one)] - 1 for one in at]
                rows = series.select(pl.col(spec.fields).fill_null(nan)).rows()
                self._run(symbol or "", place, ranks, times, rows)

    def _run(
        self,
        symbol: str,
        place: int,
        ranks: Sequence[int],
        times: Sequence[int],
        rows: Sequence[tuple[float, ...]],
    ) -> None:
        of_all = self._watchers[self._keys[place]]
        watcher = of_all.get(symbol)
        if watcher is None:
            watcher = of_all[symbol] = Watcher(self._specs[place].detector)
        if self._keep_every > 1 and self._specs[place].on == "events":
            first = -watcher.seen % self._keep_every
            watcher.seen += len(rows)
            every = slice(first, None, self._keep_every)
            ranks, times, rows = ranks[every], times[every], rows[every]
            if not rows:
                return
        scores, found = watcher.run(rows, times)
        self._parts.append(Part(symbol, place, watcher.spec, ranks, times, scores))
        for one in found:
            self._tell(symbol, place, ranks[one.row], times[one.row], one)

    def _tell(self, symbol: str, place: int, rank: int, ts: int, found: Any) -> None:
        one = self._specs[place]
        teller = (one.detector.detector, patterns.source_of(one.detector))
        bits = -log2(1.0 - one.least_confidence) * self.thresholds.factor(teller)
        if found.confidence < 1.0 - 2.0**-bits:
            self.withheld += 1
            return
        row = patterns.pattern_row(
            one.detector, found.alarm, symbol=symbol or None,
            ts=instant(ts), since=instant(found.since_us),
        )  # fmt: skip
        row["confidence"] = _short(found.confidence)
        row["severity"] = _short(found.severity)
        self.thresholds.remember(row["pattern_id"], teller)
        self._found.append(((rank, ts, symbol, place), row))

    def take(self) -> tuple[pl.DataFrame, pl.DataFrame, int]:
        """Return scores, patterns and the number of those that were not told, since last asked."""
        parts, self._parts = self._parts, []
        found, self._found = self._found, []
        withheld, self.withheld = self.withheld, 0
        rows = [row for _, row in sorted(found, key=_order)]
        told = pl.DataFrame(rows, schema=PATTERNS) if rows else NO_PATTERNS
        return self._scores(parts) if parts else NO_SCORES, told, withheld

    def _scores(self, parts: list[Part]) -> pl.DataFrame:
        parts.sort(key=lambda part: (part.symbol, part.place))
        lengths = [len(part.times) for part in parts]
        owner = np.repeat(np.arange(len(parts)), lengths)
        ranks = _joined([part.ranks for part in parts], np.int64)
        times = _joined([part.times for part in parts], np.int64)
        scores = _joined([part.scores for part in parts], np.float64)
        kept = np.flatnonzero(np.isfinite(scores))
        order = kept[np.lexsort((owner[kept], times[kept], ranks[kept]))]
        # Columns of plain values: a query costs a push of a few values more than all else of it.
        names = [_names(part) for part in parts]
        named = [names[place] for place in owner[order].tolist()]
        columns: dict[str, Any] = {
            "ts": pl.Series(times[order]).cast(SCHEMA["ts"]),
            "symbol": [symbol for symbol, _, _ in named],
            "detector": [detector for _, detector, _ in named],
            "source": [source for _, _, source in named],
            "score": scores[order],
        }
        return pl.DataFrame(columns, schema=SCHEMA)

    def freeze(self) -> dict[str, Any]:
        """Return the state: it does not grow with the stream."""
        return {
            "keep_every": self._keep_every,
            "closes": self._closes,
            "expressions": self._expressions.freeze() if self._expressions else None,
            "thresholds": self.thresholds.freeze(),
            "watchers": {
                key: {symbol: one.freeze() for symbol, one in of_all.items()}
                for key, of_all in self._watchers.items()
            },
        }

    def thaw(self, state: Mapping[str, Any]) -> None:
        """Go on from a state."""
        self._keep_every, self._closes = state["keep_every"], state["closes"]
        if self._expressions is not None:
            self._expressions.thaw(state["expressions"])
        self.thresholds.thaw(state["thresholds"])
        for place, key in enumerate(self._keys):
            for symbol, kept in state["watchers"][key].items():
                watcher = Watcher(self._specs[place].detector)
                watcher.thaw(kept)
                self._watchers[key][symbol] = watcher


def _names(part: Part) -> tuple[str | None, str, str]:
    return part.symbol or None, part.spec.detector, patterns.source_of(part.spec)


def _refuse(one: DetectionSpec, place: int) -> None:
    """Refuse what cannot be watched in a stream."""
    scopes = ("symbol",) if one.on == "events" else ("symbol", "cross_section")
    if one.detector.scope not in scopes:
        raise BadInput(
            f"in {one.on} of a stream there is no scope `{one.detector.scope}`",
            place=_at(place, "scope"),
            hint=f"allowed: {', '.join(scopes)}",
        )
    wrong = [text for text in one.detector.watched if text not in EVENT_FIELDS]
    if one.on == "events" and wrong:
        raise BadInput(
            f"`{wrong[0]}` cannot be watched in events",
            place=_at(place, "watch"),
            hint=f"allowed: {', '.join(EVENT_FIELDS)}; expressions are over bars: `on: bars`",
        )


def _at(place: int, key: str) -> Place:
    return Place(FILE, key=f"detection[{place}].detector.{key}")


def _joined(parts: Sequence[Sequence[Any]], dtype: Any) -> NDArray[Any]:
    return np.concatenate([np.array(part, dtype=dtype) for part in parts])


def _order(found: tuple[tuple[Any, ...], dict[str, Any]]) -> tuple[Any, ...]:
    return found[0]


def _short(value: float) -> float:
    return float(f"{value:.12g}")

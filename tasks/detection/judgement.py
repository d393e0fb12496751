"""Judgement: what alarms are worth, learnt on null data, and which of them are patterns."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from tasks.detection.calibration.card import Card, card_id, name_card
from tasks.detection.calibration.card_store import card_of
from tasks.detection.calibration.strength import strength_of_stored
from tasks.detection.discovery.selection import Alarms, q_values, select
from tasks.detection.guard import usable_rows
from tasks.detection.patterns import JUDGED, source_of
from tasks.detection.series.cross_section import series_of
from tasks.detection.series.series import field_values
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from tasks.detection.calibration.card_store import CardStore
    from taskspecs.detectors import DetectorSpec
    from taskspecs.discovery import DiscoverySpec

CARDS_SCHEMA: dict[str, pl.DataType] = {
    "card_id": pl.String(),
    "detector": pl.String(),
    "scope": pl.String(),
    "source": pl.String(),
    "settings": pl.String(),
    "series": pl.Int64(),
    "sampled_series": pl.Int64(),
    "bars": pl.Int64(),
    "null_bars": pl.Int64(),
    "block_bars": pl.Float64(),
    "null_alarms": pl.Int64(),
    "false_alarms_per_1000": pl.Float64(),
    "false_alarms_per_1000_upper": pl.Float64(),
    "alarms": pl.Int64(),
    "kept": pl.Int64(),
    "withheld": pl.Int64(),
}
"""`series` and `bars` are what the detector watches, `kept` of its `alarms` are patterns."""
RESPONSES_SCHEMA: dict[str, pl.DataType] = {
    "card_id": pl.String(),
    "kind": pl.String(),
    "size_std": pl.Float64(),
    "planted": pl.Int64(),
    "noticed": pl.Int64(),
    "power": pl.Float64(),
    "delay_bars": pl.Float64(),
}
"""See `calibration.injection.Response`."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The alarms of a run, judged.

    Parameters
    ----------
    patterns, withheld
        Those that are discoveries at the stated level, and those that are not; columns as in
        `patterns.JUDGED`, in the order of `DetectionResult.patterns`.
    cards, responses
        What was learnt on null data, columns as in `CARDS_SCHEMA` and `RESPONSES_SCHEMA`; in the
        order of the spec.
    """

    patterns: pl.DataFrame
    withheld: pl.DataFrame
    cards: pl.DataFrame
    responses: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Stream:
    """One series under one detector: its usable bars."""

    spec: DetectorSpec
    symbol: str | None
    ts: pl.Series
    values: NDArray[np.float64]


def judge(
    found: pl.DataFrame,
    symbols: pl.DataFrame,
    market: pl.DataFrame,
    detectors: Sequence[DetectorSpec],
    settings: DiscoverySpec,
    *,
    shelf: CardStore | None = None,
    progress: Callable[[float], None] | None = None,
) -> Judgement:
    """Calibrate every detector on the series it watches, and keep the alarms that stand out.

    `p_value` is the chance of an alarm at least as strong, from the same detector, at a bar of null
    data (`Card.p_value`). `confidence` is each pattern's own, one minus its q-value: the least
    level of the false discovery rate at which it would be kept (Benjamini and Hochberg's adjusted
    p-value; Storey, Annals of Statistics 2003). A smaller p-value never lowers it. Of the run's
    alarms at least as surprising as this one, that share is expected to be true; it is no chance of
    this one alone, for which the share of bars at which something happens would have to be known.
    With the method `bh` a pattern is kept exactly where its confidence is at least one minus the
    level.

    Parameters
    ----------
    found
        What `streams.detect` returned as patterns for the same frames and detectors.
    symbols, market
        As for `streams.detect`.
    detectors
        Those that found them.
    settings
        The level, the method, and what calibration may cost.
    shelf
        Where cards are kept; without one, every card is made anew.
    progress
        Called after each detector with the share of them that is calibrated.

    Returns
    -------
    Judgement
        Patterns, what was withheld, and the cards by which that was decided.

    Notes
    -----
    Look-ahead: an alarm has none; what it is worth is judged with the whole run in view, for a
    reader and not for a trade.
    """
    specs = list(dict.fromkeys(detectors))
    by_scope = {
        "symbol": symbols,
        "market": market.with_columns(pl.lit(None, dtype=pl.String).alias("symbol")),
        "cross_section": symbols,
    }
    streams = list(_streams(specs, by_scope))
    cards = []
    for done, spec in enumerate(specs, start=1):
        watched = [stream.values for stream in streams if stream.spec == spec]
        cards.append(card_of(spec, watched, settings.calibration, shelf))
        if progress is not None:
            progress(done / len(specs))
    judged, kept = _weigh(found, streams, {card.card_id: card for card in cards}, settings)
    patterns, withheld = judged.filter(kept), judged.filter(~kept)
    bars = {card_id(spec): 0 for spec in specs}
    for stream in streams:
        bars[card_id(stream.spec)] += len(stream.ts)
    return Judgement(
        patterns,
        withheld,
        pl.DataFrame(
            [_card_row(card, bars[card.card_id], patterns, withheld) for card in cards],
            schema=CARDS_SCHEMA,
        ),
        pl.DataFrame([row for card in cards for row in _responses(card)], schema=RESPONSES_SCHEMA),
    )


def _streams(specs: Sequence[DetectorSpec], frames: dict[str, pl.DataFrame]) -> Iterator[_Stream]:
    for spec in specs:
        frame = frames[spec.scope]
        for symbol, series in series_of(frame, [spec], spec.scope):
            values = field_values(spec.fields, series)
            usable, ts = usable_rows(values), series["ts"]
            if len(usable) < len(values):
                values, ts = values[usable], ts.gather(usable)
            yield _Stream(spec, symbol, ts, values)


def _weigh(
    found: pl.DataFrame,
    streams: Sequence[_Stream],
    cards: dict[str, Card],
    settings: DiscoverySpec,
) -> tuple[pl.DataFrame, pl.Series]:
    """Give every alarm its p-value and its confidence; say which are kept."""
    places = {(card_id(s.spec), s.symbol): place for place, s in enumerate(streams)}
    timeline = pl.concat([s.ts for s in streams] or [found["ts"]]).unique().sort()
    p_values, ids, stream = [], [], []
    for row in found.iter_rows(named=True):
        metrics = json.loads(row["metrics"])
        name = name_card(metrics["settings"])
        strength = strength_of_stored(row["type"], metrics, row["confidence"])
        p_values.append(cards[name].p_value(strength))
        ids.append(name)
        stream.append(places[name, row["symbol"]])
    alarms = Alarms(
        np.array(p_values, dtype=np.float64),
        np.array(stream, dtype=np.int64),
        timeline.search_sorted(found["ts"]).to_numpy().astype(np.int64),
        tuple(timeline.search_sorted(s.ts).to_numpy().astype(np.int64) for s in streams),
    )
    judged = found.with_columns(
        pl.Series("confidence", 1.0 - q_values(alarms), dtype=pl.Float64),
        pl.Series("p_value", p_values, dtype=pl.Float64),
        pl.Series("card_id", ids, dtype=pl.String),
    )
    return judged.select(list(JUDGED)), pl.Series(
        "kept", select(alarms, settings), dtype=pl.Boolean
    )


def _card_row(
    card: Card, bars: int, patterns: pl.DataFrame, withheld: pl.DataFrame
) -> dict[str, Any]:
    name = card.card_id
    kept, left = (frame.filter(card_id=name).height for frame in (patterns, withheld))
    return {
        "card_id": name,
        "detector": card.spec.detector,
        "scope": card.spec.scope,
        "source": source_of(card.spec),
        "settings": canonical_json(card.spec.model_dump(mode="json")),
        "series": card.series,
        "sampled_series": card.sampled,
        "bars": bars,
        "null_bars": card.null_bars,
        "block_bars": card.block_bars,
        "null_alarms": len(card.strengths),
        "false_alarms_per_1000": card.false_alarms_per_1000,
        "false_alarms_per_1000_upper": card.false_alarms_per_1000_upper,
        "alarms": kept + left,
        "kept": kept,
        "withheld": left,
    }


def _responses(card: Card) -> list[dict[str, Any]]:
    return [
        {
            "card_id": card.card_id,
            "kind": response.kind,
            "size_std": response.size,
            "planted": response.planted,
            "noticed": response.noticed,
            "power": response.power,
            "delay_bars": response.delay_bars,
        }
        for response in card.responses
    ]

"""Cards that were made before: the same detector, on the same data, at the same settings."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from tasks.detection.calibration.card import Card, calibrate
from tasks.detection.calibration.injection import Response
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from taskspecs.detectors import DetectorSpec
    from taskspecs.discovery import CalibrationSpec

_RESPONSE = pl.Struct(
    {
        "kind": pl.String(), "size": pl.Float64(), "planted": pl.Int64(), "noticed": pl.Int64(),
        "delay_bars": pl.Float64(),
    }
)  # fmt: skip
SCHEMA: dict[str, pl.DataType] = {
    "series": pl.Int64(),
    "sampled": pl.Int64(),
    "block_bars": pl.Float64(),
    "null_bars": pl.Int64(),
    "strengths": pl.List(pl.List(pl.Float64())),
    "responses": pl.List(_RESPONSE),
}
"""A card as one row; its detector is known to whoever asks for it."""


class CardStore(Protocol):
    """Where cards are kept, under names that follow from all that they are made from."""

    def find(self, detector: str, name: str) -> pl.DataFrame | None:
        """Return what was kept of a kind of detector under a name, or None."""

    def keep(self, detector: str, name: str, card: pl.DataFrame) -> None:
        """Keep a card; equal names are equal cards, so it does not matter which one stays."""


def card_of(
    spec: DetectorSpec,
    series: Sequence[NDArray[np.float64]],
    settings: CalibrationSpec,
    shelf: CardStore | None = None,
) -> Card:
    """Return a detector's card: the one that is kept, or a new one, which is kept then.

    Parameters as of `card.calibrate`.

    Parameters
    ----------
    spec
        The detector and its settings.
    series
        The usable bars of each series, shape (n, fields), in an order of their own.
    settings
        How many bars, how many planted changes, the seed.
    shelf
        Where cards are kept; without one every card is new.

    Returns
    -------
    Card
        As of `card.calibrate`.

    Notes
    -----
    Look-ahead: as of `card.calibrate`: the whole of all series, for judging.
    """
    if shelf is None:
        return calibrate(spec, series, settings)
    name = name_content(spec, series, settings)
    kept = shelf.find(spec.detector, name)
    if kept is not None:
        return _read(spec, kept)
    card = calibrate(spec, series, settings)
    shelf.keep(spec.detector, name, _write(card))
    return card


def name_content(
    spec: DetectorSpec, series: Sequence[NDArray[np.float64]], settings: CalibrationSpec
) -> str:
    """Return the sha256, in hex, of what a card is made from, its source code aside.

    Parameters
    ----------
    spec
        The detector and its settings.
    series
        The usable bars of each series, shape (n, fields).
    settings
        What calibration may cost, and its seed.

    Returns
    -------
    str
        64 hexadecimal digits.

    Notes
    -----
    Look-ahead: the whole of all series; a name, and no value.
    """
    seen = hashlib.sha256()
    for values in series:
        seen.update(repr(values.shape).encode())
        seen.update(np.ascontiguousarray(values).tobytes())
    return digest(
        {
            "detector": spec.model_dump(mode="json"),
            "calibration": settings.model_dump(mode="json"),
            "series": seen.hexdigest(),
        }
    )


def _write(card: Card) -> pl.DataFrame:
    row = {name: getattr(card, name) for name in SCHEMA}
    row["strengths"] = [list(strength) for strength in card.strengths]
    row["responses"] = [asdict(response) for response in card.responses]
    return pl.DataFrame([row], schema=SCHEMA)


def _read(spec: DetectorSpec, frame: pl.DataFrame) -> Card:
    row = frame.row(0, named=True)
    row["strengths"] = tuple((most, then) for most, then in row["strengths"])
    row["responses"] = tuple(Response(**response) for response in row["responses"])
    return Card(spec=spec, **row)

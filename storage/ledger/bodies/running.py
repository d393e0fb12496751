"""Bodies of what a strategy at paper or live leaves: its account and its signals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storage.ledger.bodies.forms import Body, Exact, Figures, Hex, Moment, Name, Text


class Paper(Body):
    """How a running strategy's account fares."""

    strategy: Name
    run_id: Name
    figures: Figures


class Envelope(Exact):
    """What left: the signed bytes, and where they are kept."""

    stage: Literal["paper", "live"]
    sequence: Annotated[int, Field(ge=1)]
    path: Name
    sha256: Hex


class Signal(Body):
    """A decision was published; of earlier ones it is not kept what left."""

    strategy: Name
    ts: Moment
    run_id: Name
    path: Name
    sha256: Text
    envelope: Envelope | None = None


class RefusedSignal(Body):
    """A signal was held back."""

    strategy: Name
    stage: Literal["paper", "live"]
    ts: Moment
    run_id: Name
    because: list[Text]

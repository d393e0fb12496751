"""Bodies of what a strategy at paper or live leaves: its account and its signals."""

from __future__ import annotations

from storage.ledger.bodies.forms import Body, Figures, Moment, Name, Text


class Paper(Body):
    """How a running strategy's account fares."""

    strategy: Name
    run_id: Name
    figures: Figures


class Signal(Body):
    """A decision was published."""

    strategy: Name
    ts: Moment
    run_id: Name
    path: Name
    sha256: Text

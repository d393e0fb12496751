"""How far the detectors of a study can be trusted, by their calibration cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gate.checks.check import Check, Measured

if TYPE_CHECKING:
    from gate.checks.evidence import Evidence

RATE = "false_alarms_per_1000_upper"


def _worst(evidence: Evidence) -> Measured:
    cards = evidence.calibration
    if cards is None:
        return Measured(None, "the run made no calibration cards")
    if not cards:
        return Measured(0.0, "no detector watches this study")
    unknown = [card["detector"] for card in cards if card[RATE] is None]
    if unknown:
        return Measured(None, f"the card of {unknown[0]} has no rate: too few bars")
    worst = max(cards, key=lambda card: float(card[RATE]))
    return Measured(
        float(worst[RATE]), f"the worst of {len(cards)} is {worst['detector']}, at 95% at most"
    )


CALIBRATION = Check(
    "calibration", "the detectors seldom speak where there is nothing", "in 1,000 bars", "at most",
    _worst, "a detector that is set less sensitive, or another one; the report shows each card",
)  # fmt: skip

"""The points of the verdict: each a sentence on one subject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from configs.numbers import percent, plain, ratio, signed_percent, whole

if TYPE_CHECKING:
    from tasks.report.clock import Clock
    from tasks.report.verdict.estimate import Estimate
    from tasks.report.verdict.evidence import Evidence, Fall

Tone = Literal["plain", "caution", "firm", "bad"]
"""``firm`` is good news that chance does not explain, ``bad`` is bad news of that kind."""
LUCK = "not distinguishable from luck"


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the verdict: its subject, a finding of a few words, and a sentence."""

    subject: str
    finding: str
    text: str
    tone: Tone = "plain"


def per(evidence: Evidence) -> str:
    """Say over which time a rate is meant."""
    return "a year" if evidence.yearly else "over the period"


def say_excess(evidence: Evidence, name: str) -> Point:
    """Say whether the strategy did better than the benchmark, and how surely."""
    excess = evidence.excess
    if excess is None:
        return Point("Excess return", "undefined", f"It never differed from {name}.", "caution")
    amount = (
        f"The mean return above {name} is {signed_percent(excess.value)} {per(evidence)} "
        f"± {percent(excess.error)} (one standard error)"
    )
    if not excess.distinguishable:
        text = f"{amount}, {ratio(excess.errors_from_zero)} standard errors from zero."
        return Point("Excess return", LUCK, text, "caution")
    side, tone = _side(excess, "above", "below")
    return Point(
        "Excess return",
        f"{side} the benchmark",
        f"{amount}: {ratio(excess.errors_from_zero)} standard errors from zero. Chance alone "
        "seldom leads there in one trial; in many trials it does.",
        tone,
    )


def say_sharpe(evidence: Evidence) -> Point:
    """Say what the Sharpe ratio is, and whether it differs from zero."""
    sharpe = evidence.sharpe
    if sharpe is None:
        return Point("Sharpe ratio", "undefined", "The account never moved.", "caution")
    finding = f"{ratio(sharpe.value)} ± {ratio(sharpe.error)}"
    if not sharpe.distinguishable:
        text = "Within two standard errors of zero: the period is too short to tell it from none."
        return Point("Sharpe ratio", finding, text, "caution")
    text = (
        f"{ratio(sharpe.errors_from_zero)} standard errors from zero. It measures the account "
        "against cash, not against the benchmark."
    )
    return Point("Sharpe ratio", finding, text, "plain" if sharpe.value > 0 else "bad")


def say_fall(evidence: Evidence, clock: Clock, name: str) -> Point:
    """Say how deep the account fell, and when."""
    fall = evidence.fall
    if fall.depth == 0:
        return Point("Worst fall", "none", "The account never stood below an earlier height.")
    other = percent(-evidence.benchmark_fall.depth)
    text = f"{_span(fall, clock)} At its worst, {name} lost {other}."
    return Point("Worst fall", percent(fall.depth), text)


def _span(fall: Fall, clock: Clock) -> str:
    end = (
        f"made good by {clock.say(fall.recovered)}"
        if fall.recovered
        else "not made good to the last bar"
    )
    return f"From {clock.say(fall.peak)} to {clock.say(fall.trough)}, {end}."


def say_signal(ic: Estimate | None, decisions: int) -> Point:
    """Say whether the scores foretell anything."""
    if ic is None:
        text = "There were too few scores and labels to correlate."
        return Point("Signal", "undefined", text, "caution")
    value, error = plain(ic.value, 2), plain(ic.error, 2)
    amount = f"The rank IC is {value} ± {error} over {whole(decisions)} decisions"
    if not ic.distinguishable:
        text = f"{amount}: the order of the scores says nothing reliable about the next returns."
        return Point("Signal", "not distinguishable from zero", text, "caution")
    finding, tone = _side(ic, "right more often than wrong", "wrong more often than right")
    text = f"{amount}: {ratio(ic.errors_from_zero)} standard errors from zero."
    return Point("Signal", finding, text, tone)


def _side(found: Estimate, above: str, below: str) -> tuple[str, Tone]:
    """Say on which side of zero an estimate surely is, and which news that is."""
    return (above, "firm") if found.value > 0 else (below, "bad")


def say_costs(evidence: Evidence) -> Point:
    """Say what trading cost."""
    text = (
        f"The account was turned over {plain(evidence.turnover, 2)} times {per(evidence)} (buys "
        f"and sells). Before costs it would have grown by {percent(evidence.gross_growth)}."
    )
    return Point("Costs", f"{percent(evidence.cost, 2)} {per(evidence)}", text)

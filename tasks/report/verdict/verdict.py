"""The verdict in sentences, composed from the numbers; where they say little, so does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.numbers import percent
from tasks.report.verdict.points import (
    LUCK,
    Point,
    per,
    say_costs,
    say_excess,
    say_fall,
    say_sharpe,
    say_signal,
)

if TYPE_CHECKING:
    from tasks.report.clock import Clock
    from tasks.report.verdict.estimate import Estimate
    from tasks.report.verdict.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """The lead, and the points below it."""

    lead: str
    points: tuple[Point, ...]


def benchmark_name(benchmark: str) -> str:
    """Name a benchmark in a sentence.

    Examples
    --------
    >>> benchmark_name("equal_weight"), benchmark_name("SPY")
    ('the equal-weight benchmark', 'the benchmark SPY')
    """
    if benchmark == "equal_weight":
        return "the equal-weight benchmark"
    return f"the benchmark {benchmark}"


def compose(
    evidence: Evidence | None, ic: Estimate | None, decisions: int, clock: Clock, benchmark: str
) -> Verdict:
    """Put the evidence into sentences.

    Parameters
    ----------
    evidence
        None where nothing was simulated.
    ic
        The mean rank information coefficient.
    decisions
        How many it is the mean of.
    benchmark
        As the spec names it.
    """
    signal = say_signal(ic, decisions)
    if evidence is None:
        return Verdict("Nothing was traded: the backtest has no bars.", (signal,))
    name = benchmark_name(benchmark)
    return Verdict(
        _lead(evidence, clock, name),
        (
            say_excess(evidence, name),
            say_sharpe(evidence),
            say_fall(evidence, clock, name),
            signal,
            say_costs(evidence),
        ),
    )


def _lead(evidence: Evidence, clock: Clock, name: str) -> str:
    period = f"from {clock.say(evidence.first)} to {clock.say(evidence.last)}"
    if not evidence.traded:
        return (
            f"The strategy held nothing {period}; {name} returned "
            f"{percent(evidence.benchmark_growth)} {per(evidence)}."
        )
    verb = "grew" if evidence.growth >= 0 else "shrank"
    other = "grew" if evidence.benchmark_growth >= 0 else "shrank"
    rate = " a year" if evidence.yearly else ""
    text = (
        f"After costs the account {verb} by {percent(abs(evidence.growth))}{rate} {period}; "
        f"{name} {other} by {percent(abs(evidence.benchmark_growth))}."
    )
    if evidence.excess and not evidence.excess.distinguishable:
        return f"{text} The difference is {LUCK}."
    return text

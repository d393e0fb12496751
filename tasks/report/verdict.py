"""The verdict in sentences, composed from the numbers; where they say little, so does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tasks.report.numbers import percent, plain, ratio, signed_percent, whole

if TYPE_CHECKING:
    from tasks.report.clock import Clock
    from tasks.report.estimate import Estimate
    from tasks.report.evidence import Evidence, Fall

Tone = Literal["plain", "caution", "firm"]
LUCK = "not distinguishable from luck"


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the verdict: its subject, a finding of a few words, and a sentence."""

    subject: str
    finding: str
    text: str
    tone: Tone = "plain"


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
    return (
        "the equal-weight benchmark" if benchmark == "equal_weight" else f"the benchmark {benchmark}"
    )


def compose(
    evidence: Evidence | None, ic: Estimate | None, ic_bars: int, clock: Clock, benchmark: str
) -> Verdict:
    """Put the evidence into sentences.

    Parameters
    ----------
    evidence
        None where nothing was simulated.
    ic
        The mean rank information coefficient.
    ic_bars
        How many bars it is the mean of.
    benchmark
        As the spec names it.
    """
    signal = _say_signal(ic, ic_bars)
    if evidence is None:
        return Verdict("Nothing was traded: the backtest has no bars.", (signal,))
    name = benchmark_name(benchmark)
    return Verdict(
        _lead(evidence, clock, name),
        (
            _say_excess(evidence, name),
            _say_sharpe(evidence),
            _say_fall(evidence, clock, name),
            signal,
            _say_costs(evidence),
        ),
    )


def _lead(evidence: Evidence, clock: Clock, name: str) -> str:
    period = f"from {clock.say(evidence.first)} to {clock.say(evidence.last)}"
    if not evidence.traded:
        return (
            f"The strategy held nothing {period}; {name} returned "
            f"{percent(evidence.benchmark_growth)} a year."
        )
    verb = "grew" if evidence.growth >= 0 else "shrank"
    other = "grew" if evidence.benchmark_growth >= 0 else "shrank"
    text = (
        f"After costs the account {verb} by {percent(abs(evidence.growth))} a year {period}; "
        f"{name} {other} by {percent(abs(evidence.benchmark_growth))}."
    )
    if evidence.excess and not evidence.excess.distinguishable:
        return f"{text} The difference is {LUCK}."
    return text


def _say_excess(evidence: Evidence, name: str) -> Point:
    excess = evidence.excess
    if excess is None:
        return Point("Excess return", "undefined", f"It never differed from {name}.", "caution")
    amount = (
        f"The mean return above {name} is {signed_percent(excess.value)} a year "
        f"± {percent(excess.error)} (one standard error)"
    )
    if not excess.distinguishable:
        text = f"{amount}, {ratio(excess.errors_from_zero)} standard errors from zero."
        return Point("Excess return", LUCK, text, "caution")
    side = "above" if excess.value > 0 else "below"
    return Point(
        "Excess return",
        f"{side} the benchmark",
        f"{amount}: {ratio(excess.errors_from_zero)} standard errors from zero. Chance alone "
        "seldom leads there in one trial; in many trials it does.",
        "firm",
    )


def _say_sharpe(evidence: Evidence) -> Point:
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
    return Point("Sharpe ratio", finding, text)


def _say_fall(evidence: Evidence, clock: Clock, name: str) -> Point:
    fall = evidence.fall
    if fall.depth == 0:
        return Point("Worst fall", "none", "The account never stood below an earlier height.")
    text = f"{_span(fall, clock)} At its worst, {name} lost {percent(-evidence.benchmark_fall.depth)}."
    return Point("Worst fall", percent(fall.depth), text)


def _span(fall: Fall, clock: Clock) -> str:
    end = (
        f"made good by {clock.say(fall.recovered)}"
        if fall.recovered
        else "not made good to the last bar"
    )
    return f"From {clock.say(fall.peak)} to {clock.say(fall.trough)}, {end}."


def _say_signal(ic: Estimate | None, bars: int) -> Point:
    if ic is None:
        text = "There were too few scores and labels to correlate."
        return Point("Signal", "undefined", text, "caution")
    amount = f"The rank IC is {plain(ic.value, 2)} ± {plain(ic.error, 2)} over {whole(bars)} bars"
    if not ic.distinguishable:
        text = f"{amount}: the order of the scores says nothing reliable about the next returns."
        return Point("Signal", "not distinguishable from zero", text, "caution")
    finding = "right more often than wrong" if ic.value > 0 else "wrong more often than right"
    text = f"{amount}: {ratio(ic.errors_from_zero)} standard errors from zero."
    return Point("Signal", finding, text, "firm")


def _say_costs(evidence: Evidence) -> Point:
    text = (
        f"The account was turned over {plain(evidence.turnover, 2)} times a year (buys and sells). "
        f"Before costs the growth would have been {percent(evidence.gross_growth)} a year."
    )
    return Point("Costs", f"{percent(evidence.cost, 2)} a year", text)

"""A check: one question that a policy may ask of the evidence, and its verdict. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from configs.figures import parts, say_bound

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gate.checks.evidence import Evidence

Bound = Literal["at least", "at most"]


class Measured(NamedTuple):
    """A figure, and what a person should know of it: why it is missing, or what it rests on."""

    figure: float | None
    note: str = ""


def given(figures: Mapping[str, float | None], name: str, missing: str) -> Measured:
    """Look a figure up among those that were handed in; why it is missing is said only then.

    Examples
    --------
    >>> given({"bars": 300.0}, "bars", "it has none"), given({}, "bars", "it has none")
    (Measured(figure=300.0, note=''), Measured(figure=None, note='it has none'))
    """
    figure = figures.get(name)
    return Measured(figure, missing if figure is None else "")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of one strategy.

    Attributes
    ----------
    name, meaning
        The check, and what it asks, in a sentence.
    figure, unit
        What was found; no figure where the evidence has none.
    bound, threshold
        What it must be: ``at least`` or ``at most`` the threshold.
    passed
        Whether it is; a figure that is missing or no number passes nothing.
    needed
        What would have to be true; empty where it is.
    advice
        Whether this only informs: a policy does not refuse for it.
    note
        What the figure rests on.
    """

    name: str
    meaning: str
    figure: float | None
    unit: str
    bound: Bound
    threshold: float
    passed: bool
    needed: str = ""
    advice: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A question with a figure for an answer.

    Parameters
    ----------
    name
        As a policy names it.
    meaning
        What holds where it passes, in a sentence.
    unit
        Of the figure, as ``probability``.
    bound
        Which side of the threshold passes.
    measure
        Finds the figure.
    remedy
        What a person could do where it fails.
    advice
        Whether it only ever informs.

    Examples
    --------
    >>> from gate.checks.evidence import Digests, Evidence
    >>> evidence = Evidence("a@1", "r", Digests("s", "c", "d", "e"), figures={"bars": 300.0})
    >>> check = Check("bars", "the backtest is long enough", "bars", "at least",
    ...               lambda e: Measured(e.figures["bars"]), "take a longer period")
    >>> check.evaluate(evidence, 500).needed
    'bars must be at least 500 bars, and is 300: take a longer period'
    """

    name: str
    meaning: str
    unit: str
    bound: Bound
    measure: Callable[[Evidence], Measured]
    remedy: str
    advice: bool = False

    def evaluate(self, evidence: Evidence, threshold: float, *, advice: bool = False) -> Verdict:
        """Hold the evidence against a threshold.

        Parameters
        ----------
        threshold
            In the check's unit.
        advice
            Whether a failure only informs, by the policy's word.
        """
        figure, note = self.measure(evidence)
        if figure is not None and not math.isfinite(figure):
            figure, note = None, note or "the figure is no number"
        passed = self.holds(figure, threshold)
        needed = "" if passed else self._needed(figure, threshold, note)
        return Verdict(
            self.name, self.meaning, figure, self.unit, self.bound, threshold, passed, needed,
            advice or self.advice, note,
        )  # fmt: skip

    def holds(self, figure: float | None, threshold: float) -> bool:
        """Whether a figure is on the right side; one that is missing or no number never is."""
        if figure is None or not math.isfinite(figure):
            return False
        return figure >= threshold if self.bound == "at least" else figure <= threshold

    def _needed(self, figure: float | None, threshold: float, note: str) -> str:
        asked = say_bound(self.bound, threshold, self.unit)
        _, words = parts(threshold, self.unit)
        found = f"is not known ({note})" if figure is None else f"is {parts(figure, self.unit)[0]}"
        needed = f"{self.name} must be {asked} {words}".rstrip()
        return f"{needed}, and {found}: {self.remedy}"

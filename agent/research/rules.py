"""The rules by which the template researcher varies a study: each has a reason, none a result."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.research.ideas.likeness import read_features

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from taskspecs.schema import TaskSpec

Plain = dict[str, Any]
"""A TaskSpec as the plain values of its YAML."""


class Variant(NamedTuple):
    """A study that differs from another in one thing."""

    rule: str
    hypothesis: str
    document: Plain


LEAST_WINDOW: Final = 5
"""Bars; smaller numbers in an expression are lags of a definition, not horizons."""
_NUMBER = re.compile(r"(?<![\w.$])\d+(?![\w.])")


def vary(document: Plain, spec: TaskSpec) -> Iterator[Variant]:
    """Vary a study by every rule, in the order of the table; what is no valid study is not judged.

    Parameters
    ----------
    document
        The study as the plain values of its YAML.
    spec
        The same, read.
    """
    for name, rule in RULES.items():
        for hypothesis, varied in rule(document, spec):
            yield Variant(name, hypothesis, varied)


Made = tuple[str, Plain]


def _horizons(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    for name, text in _defined(document, spec):
        for number in dict.fromkeys(_NUMBER.findall(text)):
            for other in (int(number) // 2, int(number) * 2) if int(number) >= LEAST_WINDOW else ():
                varied = re.sub(rf"(?<![\w.$]){number}(?![\w.])", str(other), text)
                yield (
                    f"{name} works at another horizon: {number} becomes {other} bars.",
                    _set(document, f"features.define.{name}", varied),
                )


def _per_risk(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    for name, text in _defined(document, spec):
        yield (
            f"Large values of {name} are those of restless symbols: divide it by volatility.",
            _set(
                document,
                f"features.define.{name}",
                f"({text}) / Std($close / Ref($close, 1) - 1, 60)",
            ),
        )


def _smoothed(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    for name, text in _defined(document, spec):
        yield (
            f"Single bars of {name} are noise that costs turnover: take its mean over 5 bars.",
            _set(document, f"features.define.{name}", f"Mean({text}, 5)"),
        )


def _opposite(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    if spec.signal.expression is not None:
        turned = f"-({spec.signal.expression})"
        yield (
            "What is high falls back: turn the signal around.",
            _set(document, "signal.expression", turned),
        )


def _rhythm(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    for every in ("week", "month"):
        if spec.aggregation.every != every:
            yield (
                f"The signal is slower than its costs: decide once a {every}.",
                _set(document, "aggregation.every", every),
            )


def _breadth(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    held = spec.backtest.topk
    for other in dict.fromkeys((held + 1, held * 2, max(1, held // 2))):
        if other != held:
            varied = _set(document, "backtest.topk", other)
            if spec.backtest.strategy == "topk_dropout":
                drop = min(spec.backtest.n_drop, other)
                varied = _set(varied, "backtest.n_drop", drop)
            yield f"The ranking is worth {other} symbols rather than {held}.", varied


def _compared(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    if spec.aggregation.neutralise == "none":
        yield (
            "The market moves all scores: take its mean out.",
            _set(document, "aggregation.neutralise", "market"),
        )
    for other in ("rank", "zscore", "none"):
        if spec.aggregation.normalise != other:
            yield (
                f"Scores say more compared by {other}." if other != "none"
                else "The size of scores says something that comparing takes away.",
                _set(document, "aggregation.normalise", other),
            )  # fmt: skip


def _filtered(document: Plain, spec: TaskSpec) -> Iterator[Made]:
    if spec.backtest.suspend_on is None:
        watched = [*document.get("detection", [])]
        watched.append({"detector": "adwin", "scope": "market", "watch": "$dispersion"})
        acting = {"types": ["drift"], "scope": "market", "bars": 20, "then": "sell"}
        yield (
            "It fails when the regime changes: hold nothing for 20 bars after a drift (ADWIN).",
            _set(_set(document, "detection", watched), "backtest.suspend_on", acting),
        )


RULES: Final[dict[str, Callable[[Plain, TaskSpec], Iterator[Made]]]] = {
    "horizon": _horizons,
    "rhythm": _rhythm,
    "breadth": _breadth,
    "risk": _per_risk,
    "comparison": _compared,
    "smoothing": _smoothed,
    "filter": _filtered,
    "opposite": _opposite,
}


def _defined(document: Plain, spec: TaskSpec) -> list[tuple[str, str]]:
    """Return the features that the signal reads and that the study defines itself."""
    own = document.get("features", {}).get("define", {})
    return [(name, text) for name, text in read_features(spec).items() if name in own]


def _set(document: Plain, key: str, value: Any) -> Plain:
    varied = copy.deepcopy(document)
    *sections, name = key.split(".")
    here = varied
    for section in sections:
        here = here.setdefault(section, {})
    here[name] = value
    return varied

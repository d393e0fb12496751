"""A TaskSpec as the plain values of its YAML: filled and written."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

import yaml

from agent.ask.studies import DETECTOR_DEFAULTS, DETECTORS, EXPRESSIONS
from taskspecs.schema import (
    AggregationSpec,
    BacktestSpec,
    CostsSpec,
    DataSpec,
    TaskSpec,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.section import Section

Plain = dict[str, Any]

SECTIONS: Final[Mapping[str, type[Section]]] = {
    "": TaskSpec,
    "data": DataSpec,
    "aggregation": AggregationSpec,
    "backtest": BacktestSpec,
    "backtest.costs": CostsSpec,
}
"""Whose keys are written in the order of the schema."""


def fill(document: Mapping[str, Any], fills: Mapping[str, Any]) -> Plain:
    """Return a copy of `document` with some keys set.

    Parameters
    ----------
    fills
        ``window.<feature>`` in bars, ``detection.<type>...``, any other key as it is dotted in
        the TaskSpec.
    """
    filled = deepcopy(dict(document))
    for key, value in sorted(fills.items(), key=lambda item: (_rank(item[0]), item[0])):
        head, _, rest = key.partition(".")
        if head == "window":
            put(filled, f"features.define.{rest}", EXPRESSIONS[rest].format(n=value))
        elif head == "detection":
            filled["detection"] = _detect(list(filled.get("detection", [])), rest, value)
        else:
            put(filled, key, value)
    return _ordered(filled)


def _rank(key: str) -> int:
    """Detectors come before what is set of them."""
    return key.count(".") if key.startswith("detection.") else 0


def put(document: Plain, key: str, value: Any) -> None:
    """Set a dotted key; None leaves it out."""
    *path, last = key.split(".")
    here = document
    for name in path:
        here = here.setdefault(name, {})
    if value is None:
        here.pop(last, None)
    else:
        here[last] = value


def get(document: Mapping[str, Any], key: str, default: Any = None) -> Any:
    """Return the value of a dotted key."""
    here: Any = document
    for name in key.split("."):
        if not isinstance(here, dict) or name not in here:
            return default
        here = here[name]
    return here


def _detect(detectors: list[Plain], key: str, value: Any) -> list[Plain]:
    kind, _, what = key.partition(".")
    name = DETECTORS[kind]
    mine = [row for row in detectors if row["detector"] == name]
    others = [row for row in detectors if row["detector"] != name]
    if not what:
        kept = {"off": others, "only": mine, "on": detectors}[value]
        return kept if mine or value == "off" else [*kept, dict(DETECTOR_DEFAULTS[kind, "symbol"])]
    if what in {"watch", "market_watch", "market"}:
        scope = "symbol" if what == "watch" else "market"
        return _watching(detectors, kind, scope, None if what == "market" else value)
    return [{**row, what: value} if row["detector"] == name else row for row in detectors]


def _watching(detectors: list[Plain], kind: str, scope: str, watched: str | None) -> list[Plain]:
    """Let the detector of one type and scope watch something; add one where there is none."""
    name = DETECTORS[kind]
    there = [r for r in detectors if r["detector"] == name and r.get("scope", "symbol") == scope]
    if not there:
        detectors = [*detectors, deepcopy(dict(DETECTOR_DEFAULTS[kind, scope]))]
        there = detectors[-1:]
    if watched is None:
        return detectors
    first = there[0]
    if isinstance(first["watch"], str):
        watch: Any = watched
    else:
        watch = list(dict.fromkeys([*first["watch"], watched]))
    return [{**row, "watch": watch} if row is first else row for row in detectors]


def _ordered(document: Plain) -> Plain:
    for key, model in SECTIONS.items():
        section = get(document, key) if key else document
        if isinstance(section, dict):
            in_order = {name: section[name] for name in model.model_fields if name in section}
            section.clear()
            section.update(in_order)
    return document


def to_yaml(document: Mapping[str, Any]) -> str:
    """Write a document as YAML that reads back as the same TaskSpec."""
    return yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=96)

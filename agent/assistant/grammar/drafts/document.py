"""A TaskSpec as the plain values of its YAML: filled and written."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any, Final, get_args

import yaml

from agent.assistant.grammar.studies import DETECTOR_DEFAULTS, EXPRESSIONS, FAMILIES
from taskspecs.detectors import DetectorSpec
from taskspecs.schema import (
    AggregationSpec,
    BacktestSpec,
    CostsSpec,
    DataSpec,
    TaskSpec,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        if head == "window" and rest in EXPRESSIONS:
            put(filled, f"features.define.{rest}", EXPRESSIONS[rest].format(n=value))
        elif head == "detection":
            filled["detection"] = _detect(list(filled.get("detection", [])), rest, value)
        else:
            put(filled, key, value)
    _write_out_watches(filled, get(document, "features.define", {}))
    return _ordered(filled)


def _write_out_watches(document: Plain, shipped: Mapping[str, str]) -> None:
    """Let detectors watch the expressions of features that the study no longer has."""
    gone = {f"${name}": text for name, text in shipped.items()}
    for name in get(document, "features.define", {}):
        gone.pop(f"${name}", None)
    for row in document.get("detection", []):
        watch = row["watch"]
        if isinstance(watch, str):
            row["watch"] = gone.get(watch, watch)
        else:
            row["watch"] = [gone.get(text, text) for text in watch]


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
    if kind == "parameter":
        return [{**row, what: value} if has_field(row["detector"], what) else row
                for row in detectors]  # fmt: skip
    mine = [row for row in detectors if row["detector"] in FAMILIES[kind]]
    others = [row for row in detectors if row["detector"] not in FAMILIES[kind]]
    if what == "named":
        return _renamed(detectors, kind, value)
    if not what:
        kept = {"off": others, "only": mine, "on": detectors}[value]
        return kept if mine or value == "off" else [*kept, dict(DETECTOR_DEFAULTS[kind, "symbol"])]
    scope = "symbol" if what == "watch" else "market"
    return _watching(detectors, kind, scope, None if what == "market" else value)


def has_field(detector: str, name: str) -> bool:
    """Whether a detector has a parameter of some name."""
    return name in _fields()[detector]


@cache
def _fields() -> Mapping[str, frozenset[str]]:
    union = get_args(DetectorSpec)[0]
    return {
        get_args(model.model_fields["detector"].annotation)[0]: frozenset(model.model_fields)
        for model in get_args(union)
    }


def _renamed(detectors: list[Plain], kind: str, names: Sequence[str]) -> list[Plain]:
    """Let the named detectors watch what those of their type watch."""
    rows: list[Plain] = []
    for row in detectors:
        if row["detector"] not in FAMILIES[kind]:
            rows.append(row)
            continue
        common: Plain = {key: row[key] for key in ("scope", "watch", "cooldown_bars") if key in row}
        rows += [
            row if name == row["detector"] else {"detector": name, **deepcopy(common)}
            for name in names
        ]
    return rows


def _watching(detectors: list[Plain], kind: str, scope: str, watched: str | None) -> list[Plain]:
    """Let the detector of one type and scope watch something; add one where there is none."""
    there = [
        row
        for row in detectors
        if row["detector"] in FAMILIES[kind] and row.get("scope", "symbol") == scope
    ]
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
    alike = [row for row in there if row["watch"] == first["watch"]]
    return [{**row, "watch": watch} if row in alike else row for row in detectors]


def _ordered(document: Plain) -> Plain:
    for key, model in SECTIONS.items():
        section = get(document, key) if key else document
        if isinstance(section, dict):
            in_order = {name: section[name] for name in model.model_fields if name in section}
            section.clear()
            section.update(in_order)
    return document


_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
"""The one in C, where PyYAML was built with it, writes ten times as fast."""


def to_yaml(document: Mapping[str, Any]) -> str:
    """Write a document as YAML that reads back as the same TaskSpec."""
    return yaml.dump(dict(document), Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=96)

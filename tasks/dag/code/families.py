"""Families: modules that are loaded by the names that a TaskSpec gives.

A stage depends on the members that its own section names, and on no others. What it takes from
another section comes through the result of that section's stage, whose key is among its inputs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Family:
    """A table from names to modules.

    Attributes
    ----------
    module, table
        Where it is, and what it is called; a row has the member's module, whole or without the
        name of the package that the table's module is in.
    named
        Which of its names a stage's section gives.
    """

    module: str
    table: str
    named: Callable[[Mapping[str, Any]], Iterable[str]]


def _detectors(section: Mapping[str, Any]) -> Iterable[str]:
    return [each["detector"] for each in section.get("detection", ())]


def _models(section: Mapping[str, Any]) -> Iterable[str]:
    model = section.get("signal", {}).get("model")
    return [model["kind"]] if model else []


def _sets(section: Mapping[str, Any]) -> Iterable[str]:
    return [*section.get("features", {}).get("sets", ())]


FAMILIES: Final = (
    Family("tasks.detection.registry", "REGISTRY", _detectors),
    Family("tasks.signal.models.registry", "MODELS", _models),
    Family("taskspecs.expressions.sets", "SETS", _sets),
)

RESTORED: Final = {
    "tasks.detection.execution.state": "it makes objects anew of the classes that the same "
    "code wrote down, and those are of detectors that the section names",
    "tasks.dag.stage": "it loads the stages whose results are read; their code is in their keys, "
    "and those are among the inputs",
}
"""Modules that import by a name they are given, and why that adds nothing."""

LOADERS: Final = frozenset({*(family.module for family in FAMILIES), *RESTORED})

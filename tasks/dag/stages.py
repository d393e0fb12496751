"""The stages of a run in the order of the DAG: what each reads, and what makes its key.

This table is the DAG. A stage's key is the digest of its own sections of the spec, of all code that
its module `task` can reach by imports (`tasks.dag.code`), and of its inputs' keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def value_at(resolved: Mapping[str, Any], path: str) -> Any:
    """Return a section of a spec, or the value of a key in one, as ``aggregation.bars``."""
    section, _, key = path.partition(".")
    return resolved[section][key] if key else resolved[section]


@dataclass(frozen=True, slots=True)
class StageKind:
    """One row of the table.

    Attributes
    ----------
    name
        Of the stage and of its folder below ``tasks``.
    zone
        The zone of the lake that holds its result.
    sections
        The sections of the TaskSpec that it depends on, or single keys (``section.key``).
    inputs
        The stages whose results it reads.
    weight
        Its usual share of a run's time, until runs have been timed here.
    """

    name: str
    zone: str
    sections: tuple[str, ...]
    inputs: tuple[str, ...]
    weight: float
    where: tuple[tuple[str, str], ...] = ()
    """Further inputs, each with the key of the spec (``section.key``) that calls for it."""
    only_for: str = ""
    """The key of the spec without which there is no such stage."""

    def inputs_of(self, resolved: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the stages that are read by a spec, given with every default written out."""
        called = {stage for stage, key in self.where if value_at(resolved, key)}
        return (*self.inputs, *sorted(called))


_COARSER = ("resampling", "aggregation.bars")

STAGES: tuple[StageKind, ...] = (
    StageKind("ingest", "refined", ("data",), (), 1.0),
    StageKind(
        "resampling", "refined", ("aggregation.bars", "aggregation.calendar"), ("ingest",), 0.5,
        only_for="aggregation.bars",
    ),
    StageKind("features", "feature", ("features",), ("ingest",), 1.0, (_COARSER,)),
    StageKind(
        "aggregation", "feature", ("aggregation",), ("ingest", "features"), 1.0, (_COARSER,)
    ),
    StageKind("signal", "feature", ("signal",), ("ingest", "aggregation"), 1.0, (_COARSER,)),
    StageKind(
        "detection", "report", ("detection", "discovery"), ("ingest", "features", "aggregation"),
        6.0, (_COARSER,),
    ),
    StageKind(
        "backtest", "report", ("backtest",), ("ingest", "signal"), 6.0,
        (_COARSER, ("detection", "backtest.suspend_on"), ("detection", "backtest.scale_on")),
    ),
    StageKind(
        "report", "report", ("name", "description", "gate"),
        ("ingest", "features", "aggregation", "signal", "detection", "backtest"), 2.0, (_COARSER,),
    ),
)  # fmt: skip

BY_NAME: dict[str, StageKind] = {kind.name: kind for kind in STAGES}

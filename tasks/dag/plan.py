"""What a run will do, known before anything is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from configs.errors import Damaged
from storage.lake.manifest import DatasetId
from tasks.dag.code.closure import Code, own_code
from tasks.dag.keys import stage_key
from tasks.dag.stages import BY_NAME, STAGES, StageKind, value_at
from taskspecs import identity
from taskspecs.schema import TaskSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.lake.lake import Lake


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage of one run: its key and what the key was made from."""

    name: str
    key: str
    section: Mapping[str, Any]
    inputs: Mapping[str, str]
    code: str
    """The sha256, in hex, of all code that it can reach."""

    @property
    def kind(self) -> StageKind:
        """The stage's row in the table of stages."""
        return BY_NAME[self.name]

    @property
    def dataset(self) -> DatasetId:
        """Where its result is, or will be."""
        return DatasetId(self.kind.zone, self.name, self.key)


@dataclass(frozen=True, slots=True)
class RunPlan:
    """All stages of a run, in the order of the DAG."""

    run_id: str
    spec: TaskSpec
    as_of: datetime | None
    data_digest: str
    original_name: str
    stages: tuple[PlannedStage, ...]
    publishing: str
    """The sha256, in hex, of all code from a run's beginning to a published signal."""
    sealed_from: date | None = None
    """The first day that is closed to research, in the source's zone."""
    cut: datetime | None = None
    """When the source came in, UTC, where bars of it end later: they are left out, so it decides
    all values. None where all had ended, as then it decides none."""

    @property
    def spec_hash(self) -> str:
        """The identity of the spec."""
        return identity.spec_hash(self.spec)

    @property
    def strategy(self) -> str:
        """The name under which the gate knows this strategy."""
        return f"{self.spec.name}@{self.spec_hash[: identity.SHORT]}"

    @property
    def code_digest(self) -> str:
        """The sha256 of all code and libraries that compute the stages, or publish of them."""
        stages = {stage.name: stage.code for stage in self.stages}
        return identity.digest({"stages": stages, "publishing": self.publishing})

    @property
    def made_with(self) -> dict[str, str]:
        """What decides the stages' values here: sources with digests, libraries with versions."""
        return {name: part for stage in self.stages for name, part in parts_of(stage).items()}

    def stage(self, name: str) -> PlannedStage:
        """Return the planned stage called `name`."""
        return next(stage for stage in self.stages if stage.name == name)

    def has(self, name: str) -> bool:
        """Whether the spec asks for the stage called `name`."""
        return any(stage.name == name for stage in self.stages)

    def done(self, lake: Lake) -> dict[str, bool]:
        """Say of each stage whether its result is already there."""
        return {stage.name: lake.exists(stage.dataset) for stage in self.stages}

    def cut_at(self, cut: datetime | None) -> RunPlan:
        """Return this plan, with the bars left out that had not ended by a time."""
        if cut == self.cut:
            return self
        return make_plan(
            self.spec, data_digest=self.data_digest, original_name=self.original_name,
            as_of=self.as_of, sealed_from=self.sealed_from, cut=cut,
        )  # fmt: skip

    def to_json(self) -> bytes:
        """Write the plan so that another process can carry it out."""
        return identity.canonical_json(
            {
                "spec": identity.resolved(self.spec),
                "as_of": self.as_of.isoformat() if self.as_of else None,
                "data_digest": self.data_digest,
                "original_name": self.original_name,
                "sealed_from": self.sealed_from.isoformat() if self.sealed_from else None,
                "cut": self.cut.isoformat() if self.cut else None,
                "keys": {stage.name: stage.key for stage in self.stages},
                "made_with": self.made_with,
            }
        ).encode()


def parts_of(stage: PlannedStage) -> Mapping[str, str]:
    """Return the code that a stage can reach here: sources with digests, libraries, versions."""
    return own_code().of_stage(stage.name, stage.section).parts


def make_plan(
    spec: TaskSpec,
    *,
    data_digest: str,
    original_name: str,
    as_of: datetime | None = None,
    sealed_from: date | None = None,
    cut: datetime | None = None,
    code: Code | None = None,
) -> RunPlan:
    """Plan a run: name it and key all its stages; reads no data.

    Parameters
    ----------
    data_digest
        sha256 of the source's bytes, in hex.
    original_name
        The source's file name, for a file without a symbol column.
    as_of
        Use only what was known then (UTC); default all there is.
    sealed_from
        The first day that is closed to research; default none.
    cut
        Leave out the bars that end later (UTC); default none of them.
    code
        What computes; default the code that this process runs.

    Raises
    ------
    Failed
        If that code is not there as source files.
    """
    code = code or own_code()
    resolved = identity.resolved(spec)
    keys: dict[str, str] = {}
    stages = []
    for kind in STAGES:
        if kind.only_for and not value_at(resolved, kind.only_for):
            continue
        section = {name: value_at(resolved, name) for name in kind.sections}
        inputs = {name: keys[name] for name in kind.inputs_of(resolved)}
        if not inputs:
            section |= {"as_of": as_of.isoformat() if as_of else None, "name": original_name}
            if sealed_from:
                section["sealed_from"] = sealed_from.isoformat()
            if cut:
                section["cut"] = cut.isoformat()
            inputs = {"data": data_digest}
        reached = code.of_stage(kind.name, section).digest
        keys[kind.name] = stage_key(kind, section, inputs, code=reached)
        stages.append(PlannedStage(kind.name, keys[kind.name], section, inputs, reached))
    return RunPlan(
        run_id=identity.run_id(spec, as_of, data_digest, sealed_from=sealed_from),
        spec=spec,
        as_of=as_of,
        data_digest=data_digest,
        original_name=original_name,
        stages=tuple(stages),
        publishing=code.of_publishing().digest,
        sealed_from=sealed_from,
        cut=cut,
    )


def read_plan(raw: bytes) -> RunPlan:
    """Read a plan that another process saved; keys are made anew, by the code that is here."""
    try:
        saved = json.loads(raw)
        spec = TaskSpec.model_validate_json(json.dumps(saved["spec"]), strict=True)
        as_of = datetime.fromisoformat(saved["as_of"]) if saved["as_of"] else None
        sealed, cut = saved.get("sealed_from"), saved.get("cut")
        return make_plan(
            spec,
            data_digest=saved["data_digest"],
            original_name=saved["original_name"],
            as_of=as_of,
            sealed_from=date.fromisoformat(sealed) if sealed else None,
            cut=datetime.fromisoformat(cut) if cut else None,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Damaged(f"a saved plan cannot be read: {error}") from error

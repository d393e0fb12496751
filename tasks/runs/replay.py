"""A run repeated from what was written down of it, and held against what it left."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import Failed
from configs.remedies import Mend
from configs.settings import Settings
from configs.workspace import Workspace
from storage.lake.manifest import DatasetId
from storage.open import open_lake, open_ledger
from tasks.dag.plan import parts_of, read_plan
from tasks.dag.progress import Silent
from tasks.dag.session import Session, forget, plan_path, share
from tasks.ingest.task import read_landed
from tasks.runs.results import results_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from tasks.dag.plan import RunPlan
    from tasks.dag.progress import Reporter
    from tasks.dag.session import Prepared
    from tasks.dag.stage import RunTask
    from tasks.runs.results import Results

UNKNOWN = "code; which part was not written down"
SHA256_DIGITS = 64
NAMED = 12
"""Of what changed in the code of a stage; the others are counted."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One file, as it was and as it is made now; None where it was or is not made."""

    stage: str
    name: str
    before: str | None
    now: str | None

    @property
    def same(self) -> bool:
        """Whether the bytes are the same."""
        return self.before == self.now


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a repetition.

    Attributes
    ----------
    verdicts
        A file each, in the order of the stages.
    changed
        Stage to what of its making is different now: modules, libraries, its part of the spec.
    """

    run_id: str
    study: str
    verdicts: tuple[Verdict, ...]
    changed: Mapping[str, tuple[str, ...]]

    @property
    def identical(self) -> bool:
        """Whether every file is the same."""
        return all(verdict.same for verdict in self.verdicts)


def replay(
    run_id: str, workspace: Workspace, settings: Settings, *, reporter: Reporter | None = None
) -> Replayed:
    """Repeat a finished run in a scratch folder, from the bytes that were landed for it.

    Nothing is written to the workspace: no trial, for nothing new is tried, and no result.

    Raises
    ------
    Failed
        If the run was not finished, or its source is no longer in the lake.
    Damaged
        If its plan cannot be read by the code that is here.
    """
    lake = open_lake(settings, workspace)
    results = results_of(lake, open_ledger(settings, workspace), run_id)
    if not results.finished:
        raise Failed(f"the run {run_id} was not finished", remedy=Mend.LIST_RUNS())
    raw = lake.store.get(plan_path(run_id))
    plan = read_plan(raw)
    with tempfile.TemporaryDirectory(prefix="qraft-replay-") as folder:
        scratch = Workspace(Path(folder).resolve())
        session = Session(
            scratch, Settings(), plan, open_lake(Settings(), scratch), reporter or Silent()
        )
        session.prepared = _stand_in(lake, session)
        _run(session)
        verdicts = tuple(_compare(lake, results, session))
    changed = dict(_changes(lake, results, plan, json.loads(raw)))
    return Replayed(run_id, results.study, verdicts, changed)


def _stand_in(lake: Lake, session: Session) -> Prepared:
    """Read the source as it was landed; the file itself may be another by now.

    The bytes stay in the lake, which hands out nothing that is sealed; in the scratch folder an
    empty result stands for them.
    """
    plan = session.plan
    landed = DatasetId("raw", plan.spec.data.source, plan.data_digest)
    manifest = lake.manifest(landed)
    session.lake.commit(landed, {}, inputs={}, section=manifest.section, code=manifest.code)
    return read_landed(lake, plan, manifest)


def _run(session: Session) -> None:
    from tasks.report.task import Report

    share(session)
    try:
        _carry_out(Report.of(session))
    finally:
        forget(session)


def _carry_out(task: RunTask) -> None:
    for needed in task.requires():
        _carry_out(needed)
    if not task.complete():
        task.run()


def _compare(lake: Lake, results: Results, session: Session) -> Iterator[Verdict]:
    for stage in (planned.name for planned in session.plan.stages):
        before = _digests(lake.manifest(results.datasets[stage]))
        now = _digests(session.manifest(stage))
        for name in sorted({*before, *now}):
            yield Verdict(stage, name, before.get(name), now.get(name))


def _digests(manifest: Manifest) -> dict[str, str]:
    return {file.name: file.sha256 for file in manifest.files}


def _changes(
    lake: Lake, results: Results, plan: RunPlan, saved: Mapping[str, Any]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Say of each stage what is different from when it was made."""
    known = saved.get("made_with", {})
    for stage in plan.stages:
        manifest = lake.manifest(results.datasets[stage.name])
        changed: list[str] = []
        if manifest.code != stage.code:
            written = known if saved["keys"].get(stage.name) == manifest.dataset.key else {}
            parts = parts_of(stage).items() if written.keys() >= parts_of(stage).keys() else ()
            other = [
                _change(name, written[name], now) for name, now in parts if written[name] != now
            ]
            changed += [*other[:NAMED], *_more(len(other) - NAMED)] or [UNKNOWN]
        if manifest.section != stage.section:
            changed.append("its part of the spec, as this version writes it out")
        if changed:
            yield stage.name, tuple(changed)


def _more(number: int) -> list[str]:
    return [f"{number} others"] if number > 0 else []


def _change(name: str, before: str, now: str) -> str:
    return f"source of {name}" if len(now) == SHA256_DIGITS else f"{name} {before}, now {now}"

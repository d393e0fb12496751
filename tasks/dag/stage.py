"""The Luigi side of a run: tasks that know their run, and stages that read, call and commit."""

from __future__ import annotations

import time
from abc import abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Self

import luigi
from luigi.parameter import ParameterVisibility

from configs.errors import QraftError
from storage.telemetry.lines import record
from storage.telemetry.memory import peak_memory_bytes
from tasks.dag.session import Session, session_of, stores_of
from tasks.dag.stages import STAGES
from tasks.scheduler.page import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from storage.lake.lake import Content, Lake
    from storage.lake.manifest import DatasetId, Manifest
    from tasks.scheduler.page import ShownTask

UNFULFILLED = "Unfulfilled dependenc"
"""How Luigi's own error begins where a result went away between two tasks."""


class Committed(luigi.Target):
    """A result in the lake; it exists when its manifest does."""

    def __init__(self, lake: Lake, dataset: DatasetId) -> None:
        self.lake = lake
        self.dataset = dataset

    def exists(self) -> bool:
        """Whether the result was committed."""
        return self.lake.exists(self.dataset)


class RunTask(luigi.Task):
    """A task of one run.

    The parameters suffice to rebuild it in another process: everything else is in the plan that
    the run saved in the lake.
    """

    study = luigi.Parameter(description="the TaskSpec's name")
    run_id = luigi.Parameter(description="spec, as-of time and data, digested")
    key = luigi.Parameter(
        description="the content-addressed key of the result",
        visibility=ParameterVisibility.HIDDEN,  # 64 digits would drown the task's name
    )
    stores = luigi.Parameter(
        description="lake and warehouse, digested: where it is done, or not",
        visibility=ParameterVisibility.HIDDEN,
    )
    attempt = luigi.Parameter(description="who runs it, and which time")
    workspace = luigi.Parameter(visibility=ParameterVisibility.HIDDEN, significant=False)

    retry_count = 1
    stage: ClassVar[str]
    """The stage whose key this task carries."""

    @classmethod
    def of(cls, session: Session, *, attempt: str | None = None) -> Self:
        """Return this task in a run, of the session's own attempt or another one."""
        plan = session.plan
        return cls(
            study=plan.spec.name,
            run_id=plan.run_id,
            key=plan.stage(cls.stage).key,
            stores=stores_of(session.settings, session.workspace),
            attempt=attempt or session.attempt,
            workspace=str(session.workspace.root),
        )

    @property
    def session(self) -> Session:
        """The run that this task belongs to."""
        return session_of(self.workspace, self.run_id)

    def requires(self) -> list[RunTask]:
        """Return the tasks whose results this one reads, by the table of stages."""
        session = self.session
        called = self.called_for(session.plan.stage(self.stage).inputs)
        return [task.of(session, attempt=self.attempt) for task in called]

    @classmethod
    def called_for(cls, inputs: Collection[str]) -> list[type[RunTask]]:
        """Return the tasks that it needs, where its result is made from these stages' results."""
        return [task_of(kind.name) for kind in STAGES if kind.name in inputs]

    def complete(self) -> bool:
        """Whether its result is there; a store that cannot tell is why the run fails."""
        try:
            done: bool = super().complete()  # type: ignore[no-untyped-call]
        except QraftError as error:
            self.session.failure = error
            raise
        return done

    def run(self) -> None:
        """Do the work, unless another process did it while this one waited for its turn."""
        session = self.session
        with shown(self, session) as page:
            turn = session.leases.hold(self.turn, what=self.title, on_wait=page.waiting)
            with turn:
                if self.complete():
                    page.found()
                else:
                    self.work(session, page)

    @property
    def turn(self) -> str:
        """The name of the lease under which it works."""
        return f"{self.stage}-{self.key}"

    @property
    def title(self) -> str:
        """What it makes, for people who wait for it."""
        return self.stage

    @abstractmethod
    def work(self, session: Session, page: ShownTask) -> None:
        """Make the result; called while no other process makes it."""

    def on_failure(self, exception: Exception) -> str:
        """Keep the error itself, located and kind, for whoever asked for the run.

        A result that this one needs and that was removed since is no failure of the run: whoever
        builds looks again.
        """
        gone = isinstance(exception, RuntimeError) and str(exception).startswith(UNFULFILLED)
        if self.session.failure is None and not gone:
            self.session.failure = exception
        return str(exception)


def task_of(stage: str) -> type[RunTask]:
    """Return the task of a stage, without which others do well."""
    module = import_module(f"tasks.{stage}.task")
    return next(
        kind
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, RunTask)
        and getattr(kind, "stage", "") == stage
    )


class Stage(RunTask):
    """A stage of the DAG; subclasses say what they read and compute."""

    def output(self) -> luigi.Target:
        """Return the result in the lake."""
        return Committed(self.session.lake, self.session.plan.stage(self.stage).dataset)

    def work(self, session: Session, page: ShownTask) -> None:
        """Compute and commit; whatever happens before the commit leaves nothing."""
        page.stage_started(self.stage)
        began = time.perf_counter()
        manifest = self._commit(session)
        seconds = time.perf_counter() - began
        rows = sum(file.rows or 0 for file in manifest.files)
        session.computed.append(self.stage)
        record(
            session.workspace,
            "stage",
            study=self.study, run_id=self.run_id, stage=self.stage, key=manifest.dataset.key,
            seconds=round(seconds, 3), rows=rows,
            bytes=sum(file.bytes for file in manifest.files),
            peak_memory_bytes=peak_memory_bytes(),
        )  # fmt: skip
        page.stage_done(self.stage, seconds, rows)

    def _commit(self, session: Session) -> Manifest:
        planned = session.plan.stage(self.stage)
        return session.lake.commit(
            planned.dataset,
            self.compute(session),
            inputs=planned.inputs,
            section=planned.section,
            code=planned.code,
        )

    @abstractmethod
    def compute(self, session: Session) -> Mapping[str, Content]:
        """Return the files of this stage's result."""

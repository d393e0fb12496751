"""Detection: patterns in features and market series."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from configs.keys.workspace import checkpoint_key
from storage.lake.manifest import DatasetId
from storage.lake.objects import NotFound
from storage.telemetry.lines import record
from tasks.dag.code.closure import own_code
from tasks.dag.stage import Stage
from tasks.detection import detect
from tasks.detection.execution.checkpoints import Checkpoints
from tasks.detection.execution.observed import observe
from tasks.detection.judgement import judge
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from storage.lake.objects import ObjectStore
    from tasks.dag.plan import RunPlan
    from tasks.dag.session import Session
    from tasks.detection import DetectionResult


STREAMING = 0.6
"""The share of the stage's time that goes to the data themselves; the rest to null data."""


class Detection(Stage):
    """The patterns that the spec's detectors found, what they are worth, and all scores."""

    stage: ClassVar[str] = "detection"

    def compute(self, session: Session) -> Mapping[str, pl.DataFrame | bytes]:
        """Evaluate what is watched, stream it through the detectors, judge their alarms."""
        spec = session.plan.spec
        seen = observe(
            session.bars(), session.frame("features", "features"),
            session.frame("aggregation", "market"), spec,
        )  # fmt: skip
        report = partial(session.reporter.stage_progress, self.stage)
        result = detect(
            *seen,
            spec.detection,
            progress=lambda share: report(STREAMING * share),
            checkpoints=checkpoints_of(session),
        )
        shelf = CardShelf(session)
        judgement = judge(
            result.patterns,
            *seen,
            spec.detection,
            spec.discovery,
            shelf=shelf,
            progress=lambda share: report(STREAMING + (1.0 - STREAMING) * share),
        )
        self._tell(session, result, cards=judgement.cards.height, made=shelf.made)
        return {
            "alarms.parquet": result.patterns,
            "patterns.parquet": judgement.patterns,
            "withheld.parquet": judgement.withheld,
            "cards.parquet": judgement.cards,
            "responses.parquet": judgement.responses,
            "scores.parquet": result.scores,
        }

    def _tell(self, session: Session, result: DetectionResult, *, cards: int, made: int) -> None:
        """Say how much was streamed and simulated, and what earlier runs had done already."""
        streamed, known = result.new_bars, result.bars - result.new_bars
        if known:
            text = f"{streamed:,} new bars streamed, {known:,} taken over from checkpoints"
            session.reporter.stage_note(self.stage, text)
        if made < cards:
            text = f"{cards - made} of {cards} calibration cards were on the shelf"
            session.reporter.stage_note(self.stage, text)
        record(
            session.workspace, "detection", study=self.study, run_id=self.run_id, key=self.key,
            bars=result.bars, streamed=streamed, cards=cards, simulated=made,
        )  # fmt: skip


class CardShelf:
    """Calibration cards as results of the lake, shared between runs.

    A card is found again where the bars of the source, what its name is made from, and the code
    that this stage reaches for its detector are the same; other detectors do not matter.

    Parameters
    ----------
    session
        The run that asks.

    Attributes
    ----------
    made
        How many cards were made anew, and kept.
    """

    STAGE: ClassVar[str] = "card"

    def __init__(self, session: Session) -> None:
        self._lake = session.lake
        self._code = code_by_detector(session.plan)
        self._inputs = {"ingest": session.plan.stage("ingest").key}
        self.made = 0

    def find(self, detector: str, name: str) -> pl.DataFrame | None:
        """Return the card that was kept under a name, or None."""
        dataset = self._dataset(detector, name)
        if not self._lake.exists(dataset):
            return None
        return self._lake.frame(self._lake.manifest(dataset), "card.parquet")

    def keep(self, detector: str, name: str, card: pl.DataFrame) -> None:
        """Commit a card; what another run committed meanwhile stays."""
        self.made += 1
        self._lake.commit(
            self._dataset(detector, name),
            {"card.parquet": card},
            inputs=self._inputs,
            section={"content": name},
            code=self._code[detector],
        )

    def _dataset(self, detector: str, name: str) -> DatasetId:
        key = digest({"content": name, "inputs": self._inputs, "code": self._code[detector]})
        return DatasetId("report", self.STAGE, key)


class LakeShelf:
    """Checkpoints as objects of the lake, outside of its results.

    Parameters
    ----------
    store
        The lake's objects.
    """

    FOLDER: ClassVar[str] = "checkpoint/detection"
    MOST_BYTES: ClassVar[int] = 2**32

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def get(self, name: str) -> bytes | None:
        """Return what was put under a name; None where nothing was."""
        try:
            return self._store.get(f"{self.FOLDER}/{name}", most=self.MOST_BYTES)
        except NotFound:
            return None

    def put(self, name: str, data: bytes) -> None:
        """Keep bytes under a name; a process that is killed meanwhile leaves the old ones."""
        self._store.put(f"{self.FOLDER}/{name}", data)


def checkpoints_of(session: Session) -> Checkpoints:
    """Return the checkpoints that a run's study left, sealed with the workspace's key."""
    plan = session.plan
    return Checkpoints(
        LakeShelf(session.lake.store),
        checkpoint_key(),
        study=plan.spec.name,
        code=code_by_detector(plan),
    )


def code_by_detector(plan: RunPlan) -> Mapping[str, str]:
    """Return the digest of all code that this stage reaches with one of its detectors alone."""
    code = own_code()
    return {
        each.detector: code.of_stage(
            Detection.stage, {"detection": [{"detector": each.detector}]}
        ).digest
        for each in plan.spec.detection
    }

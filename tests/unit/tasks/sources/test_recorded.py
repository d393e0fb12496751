"""A study reads a live source: the bars that its flow closed, of sealed hours and of new ones."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from configs.errors import BadInput
from configs.workspace import Workspace
from storage.journal.folder import journal_folder
from storage.journal.record import Kind, Record
from storage.journal.sealing import retire, seal
from storage.journal.writer import Writer
from storage.lake.lake import Lake
from storage.lake.objects import FolderObjects
from tasks.ingest import read
from tasks.ingest.origin.sources import digest, locate
from tasks.ingest.sealing import read_open
from tasks.runs.fetching import fetch
from tasks.streams.decoding import make
from tasks.streams.flow import Flow
from taskspecs.schema import DataSpec
from taskspecs.sources.load import canonical
from tests.streaming import FIELDS, records, source, trades

SPEC = source(
    bars={"every": "1min"}, decode={"fields": FIELDS}, features={"r": "$close / Ref($close, 1)"},
    detection=[{"detector": {"detector": "adwin", "watch": "$r"}}],
)  # fmt: skip
DATA = DataSpec(source="stream", path="made", frequency="1min")


@pytest.fixture(scope="module")
def coming() -> list[Record]:
    """Three hours before and after midnight, two trades a minute, 2026-01-05 to 2026-01-06."""
    made = trades(700, symbols=2, every_us=120_000_000, seed=3)
    return [Record(made[0].ts_us, Kind.SPEC, canonical(SPEC)), *records(made)]


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path)


def test_bars_are_those_that_the_flow_closed_wherever_their_records_are(workspace, coming) -> None:
    store = FolderObjects(workspace.root / "lake")
    with Writer(journal_folder(workspace, "made")) as writer:
        for part in (coming[:350], coming[350:]):
            end = writer.append(part)
    fetch(DATA, workspace, store)
    before = digest(DATA, workspace.root)
    folder, lake = journal_folder(workspace, "made"), Lake(store)
    assert seal(folder, lake)
    assert retire(folder, lake, read=end)
    fetch(DATA, workspace, store)
    assert digest(DATA, workspace.root) == before
    bars = read(DATA, locate(DATA, workspace.root)).bars
    shown = Flow(SPEC, make(SPEC)).push(coming).bars.sort("symbol", "ts")
    names = ["symbol", "ts", "open", "high", "low", "close", "volume", "amount", "known_at"]
    assert bars.select(names).equals(shown.select(names))
    assert bars.height > 300


def test_a_seal_holds_and_what_came_behind_it_is_kept_and_not_handed_out(workspace, coming) -> None:
    store = FolderObjects(workspace.root / "lake")
    with Writer(journal_folder(workspace, "made")) as writer:
        writer.append(coming)
    fetch(DATA, workspace, store)
    path = locate(DATA, workspace.root)
    whole = read(DATA, path).bars
    sealed_from = date(2026, 1, 6)
    part = read_open(DATA, sealed_from, path, original_name=path.name).bars
    assert whole["ts"].dt.date().max() == sealed_from
    assert part.equals(whole.filter(pl.col("ts").dt.date() < sealed_from))
    assert part.height


def test_what_was_never_recorded_is_refused_with_what_was(workspace, coming) -> None:
    store = FolderObjects(workspace.root / "lake")
    with pytest.raises(BadInput, match=r"data\.path: nothing was recorded .*`made`"):
        fetch(DATA, workspace, store)
    with Writer(journal_folder(workspace, "made")) as writer:
        writer.append(coming[:2])
    with pytest.raises(BadInput, match="has closed no bar yet"):
        fetch(DATA, workspace, store)
    with pytest.raises(BadInput, match="did you mean 'made'"):
        fetch(DATA.model_copy(update={"path": "mede"}), workspace, store)
    assert not (workspace.home / "fetched").exists()


@pytest.mark.parametrize("path", ["../made", "made/x", "", "Made", "a.yaml"])
def test_names_that_are_none_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no name of a live source"):
        DataSpec(source="stream", path=path)

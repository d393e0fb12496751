"""Attempts to see what is sealed."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from configs.errors import BadInput, Forbidden, QraftError
from configs.settings import Settings
from configs.workspace import Workspace
from gate.checks.table import CHECKS
from gate.deciding.holdout import look
from gate.evidence.assembling import assemble
from gate.evidence.families import family_of
from gate.evidence.holdout_openings import looks
from gate.evidence.proposals import propose
from gate.evidence.trials import record_trial
from gate.statistics.moments import Moments
from gate.strategies.strategies import strategies
from storage.lake.guard import OPENED, Opening
from storage.lake.lake import Lake
from storage.lake.manifest import DatasetId, Manifest
from storage.lake.objects import FolderObjects
from storage.ledger import Ledger
from storage.seals.likeness import sketch
from storage.seals.register import SEALED, SEEN, Seal
from tasks.ingest.origin.sources import digest
from tasks.ingest.sealing import Sealing, open_part, reading_of, settle
from tasks.ingest.task import summary
from taskspecs.identity import canonical_json
from taskspecs.schema import DataSpec
from tests.market import market, up_to
from tests.office import POLICY

if TYPE_CHECKING:
    from pathlib import Path

SEALED_FROM = date(2016, 1, 1)
BYTES = "b" * 64
SEEN_THERE = Moments(0.1, 120, 0.0, 3.0)


class Vault:
    """A lake with a sealed source, and a researcher who wants to see past the seal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = FolderObjects(folder / "lake")
        self.ledger = Ledger(self.store)
        self.lake = Lake(self.store, self.ledger)
        self.bars = market(0)

    def seal(self, bars: pl.DataFrame | None = None, data: str = BYTES) -> None:
        whole = sketch(self.bars if bars is None else bars)
        self.ledger.append(SEALED, Seal("sample", SEALED_FROM, data, whole).to_body(), actor="c")

    def sees(self, bars: pl.DataFrame, data: str = BYTES) -> str:
        body = {"data": data, "reading": "r", **sketch(bars).to_body()}
        self.ledger.append(SEEN, body, actor="command")
        return sketch(bars).name

    def land(self, data: str = BYTES) -> Manifest:
        raw = DatasetId("raw", "file", data)
        return self.lake.commit(raw, {"source.csv": b"x"}, inputs={}, section={}, code="")

    def ingests(self, bars: pl.DataFrame, key: str = "i", data: str = BYTES) -> Manifest:
        told = canonical_json({**summary(bars), "zone": "UTC"}).encode()
        return self.lake.commit(
            DatasetId("refined", "ingest", key),
            {"bars.parquet": bars, "summary.json": told},
            inputs={"data": data}, section={}, code="",
        )  # fmt: skip

    def derives(self, zone: str, stage: str, **inputs: str) -> Manifest:
        content = {"it.parquet": self.bars.head(3)}
        where = DatasetId(zone, stage, "k")
        return self.lake.commit(where, content, inputs=inputs, section={}, code="")

    def proposes(self, study: str = "a@1", run_id: str = "r1") -> None:
        seen = self.sees(up_to(self.bars, SEALED_FROM))
        record_trial(
            self.ledger, run_id=run_id, strategy=study, road="command",
            family=family_of(self.ledger.entries(), seen),
            about={"spec": study, "data": BYTES, "print": seen},
        )  # fmt: skip
        evidence = {"figures": {}, "keys": {}, "spec": study, "code": "c", "data": BYTES,
                    "sealed_from": SEALED_FROM.isoformat()}  # fmt: skip
        propose(self.ledger, strategy=study, run_id=run_id, evidence=evidence, road="run")

    def looks(self, study: str = "a@1", reason: str = "why", replay=None):
        found = next(s for s in strategies(self.ledger.entries(), POLICY) if s.strategy == study)
        return look(
            self.ledger, found, reason=reason, actor="ann",
            replay=replay or (lambda run, opening: SEEN_THERE),
        )  # fmt: skip

    def held(self, run_id: str = "r1"):
        return CHECKS["holdout"].evaluate(assemble(self.ledger, self.lake, run_id), 0.9)


@pytest.fixture
def vault(tmp_path) -> Vault:
    return Vault(tmp_path)


def by_opening_the_file(lake: Lake, manifest: Manifest, name: str) -> None:
    with lake.open_file(manifest, name):
        pass


def by_copying_the_file(lake: Lake, manifest: Manifest, name: str) -> None:
    with lake.as_file(manifest, name):
        pass


READERS = {
    "read": lambda lake, manifest, name: lake.read(manifest, name),
    "frame": lambda lake, manifest, name: lake.frame(manifest, name),
    "as_file": by_copying_the_file,
    "open_file": by_opening_the_file,
    "local_path": lambda lake, manifest, name: lake.local_path(manifest.file(name)),
}
"""Every public function of the lake that hands out what a file holds, or where it is."""


def test_the_list_of_readers_is_complete():
    harmless = {
        "exists", "manifest", "manifests", "commit", "opened", "permit", "refine", "mark",
    }  # fmt: skip
    assert {n for n in vars(Lake) if not n.startswith("_")} == harmless | set(READERS)


@pytest.mark.parametrize("reader", READERS)
def test_the_raw_file_is_handed_out_by_no_function(vault, reader):
    raw = vault.land()
    vault.seal()
    with pytest.raises(Forbidden, match="sealed from 2016-01-01"):
        READERS[reader](vault.lake, raw, "source.csv")


def test_marks_hand_on_digests_and_nothing_else(vault):
    raw = vault.land()
    vault.seal()
    digest = {"2016-03-01T21:00:00+00:00": "0f" * 32}
    assert vault.lake.mark(raw, "source.csv", lambda _: digest) == digest
    for made in ({"rows": "0f" * 32}, {next(iter(digest)): "100.5"}):
        with pytest.raises(Forbidden, match="only digests"):
            vault.lake.mark(raw, "source.csv", lambda _, made=made: made)


@pytest.mark.parametrize("reader", READERS)
def test_bars_of_before_the_seal_are_handed_out_by_no_function(vault, reader):
    manifest = vault.ingests(vault.bars)
    vault.seal()
    with pytest.raises(Forbidden, match=r"made from bars up to 2016-05-15"):
        READERS[reader](vault.lake, manifest, "bars.parquet")


@pytest.mark.parametrize(
    ("zone", "stage"),
    [("feature", "features"), ("feature", "signal"), ("report", "backtest"), ("report", "report"),
     ("refined", "resampling"), ("report", "point")],
)  # fmt: skip
def test_nothing_made_from_them_is_handed_out_either(vault, zone, stage):
    vault.ingests(vault.bars)
    manifest = vault.derives(zone, stage, ingest="i")
    assert vault.lake.frame(manifest, "it.parquet").height == 3
    vault.seal()
    with pytest.raises(Forbidden):
        vault.lake.frame(manifest, "it.parquet")


def test_nor_a_sweep_over_them(vault):
    vault.ingests(vault.bars)
    point = DatasetId("report", "point", "p")
    vault.lake.commit(point, {"point.json": b"{}"}, inputs={"ingest": "i"}, section={}, code="")
    manifest = vault.derives("report", "sweep", r1="p")
    vault.seal()
    with pytest.raises(Forbidden):
        vault.lake.frame(manifest, "it.parquet")


def test_what_stops_at_the_seal_is_handed_out(vault):
    manifest = vault.ingests(up_to(vault.bars, SEALED_FROM))
    vault.seal()
    assert vault.lake.frame(manifest, "bars.parquet")["ts"].max().date() < SEALED_FROM
    assert vault.lake.frame(vault.derives("report", "backtest", ingest="i"), "it.parquet").height


def test_a_reader_that_knows_of_no_seal_gets_no_file(vault):
    raw = vault.land()
    vault.seal()
    for up_to_day in (None, date(2016, 1, 2)):
        with pytest.raises(Forbidden):
            vault.lake.refine(raw, "source.csv", lambda path: path, up_to=up_to_day)
    assert vault.lake.refine(raw, "source.csv", lambda path: 1, up_to=SEALED_FROM) == 1


def test_a_seal_that_comes_while_a_lake_is_open_is_heeded(vault):
    manifest = vault.ingests(vault.bars)
    vault.lake.frame(manifest, "bars.parquet")
    vault.seal()
    with pytest.raises(Forbidden):
        vault.lake.frame(manifest, "bars.parquet")


def test_other_bytes_of_the_same_market_are_sealed(vault):
    vault.sees(vault.bars.with_columns(pl.col("symbol") + "x"), data="c" * 64)
    raw = vault.land("c" * 64)
    vault.seal()
    with pytest.raises(Forbidden):
        vault.lake.read(raw, "source.csv")


def test_another_market_is_not(vault):
    vault.sees(market(5), data="c" * 64)
    raw = vault.land("c" * 64)
    vault.seal()
    assert vault.lake.read(raw, "source.csv") == b"x"


# Openings.


def test_an_opening_without_an_entry_opens_nothing(vault):
    raw = vault.land()
    vault.seal()
    for seq, hash_ in ((0, ""), (1, vault.ledger.head().hash), (99, "f" * 64)):
        with pytest.raises(Forbidden):
            vault.lake.opened(Opening(seq, hash_, BYTES)).read(raw, "source.csv")


def test_the_gates_word_opens_one_source_for_one_look(vault):
    raw, other = vault.land(), vault.land("c" * 64)
    vault.seal()
    vault.seal(data="c" * 64)
    vault.proposes()
    kept: list[Opening] = []

    def replay(run_id: str, opening: Opening) -> Moments:
        kept.append(opening)
        assert vault.lake.opened(opening).read(raw, "source.csv") == b"x"
        with pytest.raises(Forbidden):
            vault.lake.opened(opening).read(other, "source.csv")
        with pytest.raises(Forbidden):
            vault.lake.read(raw, "source.csv")
        return SEEN_THERE

    vault.looks(replay=replay)
    with pytest.raises(Forbidden):
        vault.lake.opened(kept[0]).read(raw, "source.csv")


def test_an_opening_for_other_data_than_its_entry_names_opens_nothing(vault):
    raw = vault.land()
    vault.seal()
    other = {"strategy": "a@1", "run_id": "r", "sealed_from": "2012-01-01", "reason": "why not"}
    entry = vault.ledger.append(OPENED, {**other, "data": "c" * 64}, actor="model")
    with pytest.raises(Forbidden):
        vault.lake.opened(Opening(entry.seq, entry.hash, BYTES)).read(raw, "source.csv")


def test_the_look_is_on_the_ledger_before_anything_is_seen(vault):
    vault.seal()
    vault.proposes()

    def replay(run_id: str, opening: Opening) -> Moments:
        assert [e.seq for e in vault.ledger.entries(OPENED)] == [opening.seq]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        vault.looks(replay=replay)
    assert "not opened yet" in vault.held().note
    # The same look is ended later, and counts once.
    vault.looks(reason="another word")
    assert [one.ended for one in looks(vault.ledger.entries())] == [True]
    assert vault.held().figure is not None


def test_a_second_look_needs_a_new_reason_and_is_counted(vault):
    vault.seal()
    vault.proposes()
    vault.looks()
    first = vault.held().figure
    for reason in ("why", "WHY", " why "):
        with pytest.raises(Forbidden, match="for this very reason"):
            vault.looks(reason=reason)
    vault.looks(reason="the data grew")
    evidence = assemble(vault.ledger, vault.lake, "r1")
    assert evidence.holdout.looks == 2
    assert vault.held().figure < first


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_no_look_without_a_reason(vault, reason):
    vault.seal()
    vault.proposes()
    with pytest.raises(BadInput, match="needs a reason"):
        vault.looks(reason=reason)
    assert not vault.ledger.entries(OPENED)


def test_a_spec_renamed_gets_no_fresh_holdout(vault):
    vault.seal()
    vault.proposes()
    vault.looks()
    first = vault.held().figure
    vault.proposes("renamed@2", "r2")
    vault.looks("renamed@2")
    assert vault.held("r2").figure < first
    assert "2 by all on these data" in vault.held("r2").note


def test_a_second_result_for_a_look_does_not_replace_the_first(vault):
    vault.seal()
    vault.proposes()
    vault.looks()
    before = vault.held().figure
    opened = vault.ledger.entries(OPENED)[0].seq
    better = Moments(0.9, 500, 0.0, 3.0)._asdict()
    vault.ledger.append("outcome", {"opening": opened, "moments": better}, actor="model")
    assert vault.held().figure == before


def test_a_run_that_did_not_stop_at_the_seal_is_not_looked_at(vault):
    vault.proposes()
    evidence = {"figures": {}, "keys": {}, "spec": "a@1", "code": "c", "data": BYTES,
                "sealed_from": None}  # fmt: skip
    propose(vault.ledger, strategy="a@1", run_id="r1", evidence=evidence, road="run")
    vault.seal()
    with pytest.raises(Forbidden, match="did not stop at the seal"):
        vault.looks()


def test_without_a_seal_there_is_nothing_to_open(vault):
    vault.proposes()
    with pytest.raises(BadInput, match="have no seal"):
        vault.looks()
    assert "name a day or a share" in vault.held().needed


def test_trials_from_before_the_seal_that_saw_it_are_counted(vault):
    for number in range(3):
        seen = vault.sees(vault.bars, data=f"{number}" * 64)
        record_trial(
            vault.ledger, run_id=f"early{number}", strategy=f"e@{number}", road="command",
            family=family_of(vault.ledger.entries(), seen), about={"print": seen},
        )  # fmt: skip
    vault.seal()
    vault.proposes()
    evidence = assemble(vault.ledger, vault.lake, "r1")
    assert (evidence.holdout.contaminated, evidence.family.trials) == (3, 4)


# Settings and files.


class Folder:
    """A workspace with a file of prices."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root.resolve())
        self.ledger = Ledger(FolderObjects(root / "lake"))
        self.write("prices.csv", self.bars())

    @staticmethod
    def bars(seed: int = 0, days: int = 500) -> pl.DataFrame:
        closes = market(seed, days=days)
        return closes.select(
            date=pl.col("ts").dt.date(), symbol="symbol", open="close", high="close", low="close",
            close="close", volume=pl.lit(1000.0),
        )  # fmt: skip

    def write(self, name: str, bars: pl.DataFrame) -> None:
        path = self.workspace.root / name
        bars.write_parquet(path) if name.endswith("parquet") else bars.write_csv(path)

    def settle(self, name: str = "prices.csv", holdout=None, write: bool = True, **data) -> Sealing:
        spec = DataSpec(source="file", path=name, **data)
        sealing = settle(
            spec, self.workspace, Settings(holdout=holdout or {}), self.ledger,
            data_digest=digest(spec, self.workspace.root),
        )  # fmt: skip
        if write and sealing.new and sealing.seal:
            self.ledger.append(SEALED, sealing.seal.to_body(), actor="command")
        return sealing


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def sealed(folder) -> Folder:
    assert folder.settle(holdout={"prices.csv": SEALED_FROM}).new
    return folder


def test_without_settings_nothing_is_sealed(folder):
    assert folder.settle() == Sealing()


def test_a_setting_taken_out_again_unseals_nothing(sealed):
    assert sealed.settle().sealed_from == SEALED_FROM


def test_a_setting_made_later_is_refused(sealed):
    with pytest.raises(BadInput, match="may only come to lie earlier"):
        sealed.settle(holdout={"prices.csv": date(2016, 3, 1)})


def test_a_setting_made_earlier_holds(sealed):
    assert sealed.settle(holdout={"prices.csv": date(2015, 9, 1)}).sealed_from == date(2015, 9, 1)
    assert sealed.settle().sealed_from == date(2015, 9, 1)


def test_a_share_becomes_a_day_and_stays_it_while_the_data_grow(folder):
    day = folder.settle(holdout={"prices.csv": 0.2}).sealed_from
    assert day == date(2016, 2, 6)
    folder.write("prices.csv", folder.bars(days=700))
    assert folder.settle(holdout={"prices.csv": 0.2}).sealed_from == day
    assert folder.settle().sealed_from == day


def test_a_seal_that_leaves_nothing_is_refused(folder):
    with pytest.raises(BadInput, match="would be sealed"):
        folder.settle(holdout={"prices.csv": date(2014, 1, 1)})
    assert not folder.ledger.entries()


COPIES = {
    "under another name": ("mine.csv", lambda bars: bars),
    "in another format": ("mine.parquet", lambda bars: bars),
    "with other symbols": ("mine.csv", lambda bars: bars.with_columns(pl.col("symbol") + "_")),
    "in cents": ("mine.csv", lambda bars: bars.with_columns(
        pl.col("open", "high", "low", "close") * 100)),
    "rounded": ("mine.csv", lambda bars: bars.with_columns(
        pl.col("open", "high", "low", "close").round(6))),
    "the sealed part alone": ("mine.csv", lambda bars: bars.filter(
        pl.col("date") >= SEALED_FROM)),
    "one symbol": ("mine.csv", lambda bars: bars.filter(pl.col("symbol") == "S2")),
    "among others": ("mine.csv", lambda bars: pl.concat(
        [bars, Folder.bars(31).with_columns(pl.col("symbol") + "q")])),
    "grown": ("mine.csv", lambda bars: pl.concat(
        [bars, Folder.bars(40, 900).filter(pl.col("date") > bars["date"].max())])),
}  # fmt: skip


@pytest.mark.parametrize("copy", COPIES)
def test_no_copy_of_the_file_is_open(sealed, copy):
    name, change = COPIES[copy]
    sealed.write(name, change(Folder.bars()))
    assert sealed.settle(name).sealed_from == SEALED_FROM


def test_a_link_to_the_file_is_no_way_in(sealed):
    (sealed.workspace.root / "link.csv").symlink_to("prices.csv")
    assert sealed.settle("link.csv").sealed_from == SEALED_FROM


def test_a_period_or_a_symbol_of_it_is_no_way_in(sealed):
    assert sealed.settle(start=date(2016, 2, 1)).sealed_from == SEALED_FROM
    assert sealed.settle(symbols=("S3",)).sealed_from == SEALED_FROM


def test_a_reading_that_calls_the_columns_otherwise_is_no_way_in(sealed):
    swapped = {"open": "close", "close": "open"}
    assert sealed.settle(columns=swapped).sealed_from == SEALED_FROM


def test_another_market_is_open(sealed):
    sealed.write("other.csv", Folder.bars(9))
    assert sealed.settle("other.csv") == Sealing()


def test_the_environment_unseals_nothing(sealed, monkeypatch):
    from configs.settings import load_settings

    monkeypatch.setenv("QRAFT_HOLDOUT", "{}")
    settings = load_settings(sealed.workspace)
    spec = DataSpec(source="file", path="prices.csv")
    found = settle(spec, sealed.workspace, settings, sealed.ledger,
                   data_digest=digest(spec, sealed.workspace.root))  # fmt: skip
    assert found.sealed_from == SEALED_FROM


def test_a_study_ends_at_the_seal_whatever_it_asks_for():
    asked = DataSpec(source="file", path="p.csv", end=date(2020, 1, 1))
    assert open_part(asked, SEALED_FROM).end == date(2015, 12, 31)
    earlier = DataSpec(source="file", path="p.csv", end=date(2015, 6, 1))
    assert open_part(earlier, SEALED_FROM).end == date(2015, 6, 1)
    assert open_part(asked, None) == asked


def test_a_study_that_begins_after_the_seal_is_refused():
    asked = DataSpec(source="file", path="p.csv", start=date(2016, 2, 1))
    with pytest.raises(BadInput, match="begins after that"):
        open_part(asked, SEALED_FROM)


def test_how_a_source_is_read_is_known_by_all_but_its_path():
    one = DataSpec(source="file", path="a.csv")
    assert reading_of(one) == reading_of(DataSpec(source="file", path="b.csv"))
    assert reading_of(one) != reading_of(DataSpec(source="file", path="a.csv", symbols=("A",)))


def test_every_refusal_says_what_to_do(vault):
    raw = vault.land()
    vault.seal()
    with pytest.raises(QraftError) as refused:
        vault.lake.read(raw, "source.csv")
    assert refused.value.exit_code == 3
    assert refused.value.remedy

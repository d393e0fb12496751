"""Evidence assembled: from the ledger, which says what there is, and the lake, which holds it."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from configs.errors import BadInput, Busy, Damaged, Failed, Forbidden, Unreachable
from configs.remedies import Mend
from gate.checks.evidence import Digests, Evidence, Family, Holdout, evidence_digest
from gate.evidence import proposals
from gate.evidence.families import Families
from gate.evidence.holdout_openings import looks
from gate.evidence.outcomes import outcomes
from storage.lake.manifest import DatasetId
from storage.lake.objects import NotFound
from storage.seals.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from gate.checks.evidence import Floats
    from gate.evidence.outcomes import Ended, Series
    from storage.lake.lake import Lake
    from storage.lake.manifest import Manifest
    from storage.ledger import Entry, Ledger
    from storage.ledger.evidence import KeptEvidence

    ReadsReturns = Callable[[Ended], pl.DataFrame | None]

CARDS = "cards.parquet"
STAGE_OF = {CARDS: "detection"}
"""Files that a run submits and that are not its backtest's."""
UNFINISHED = "unfinished"
"""Of a trial that has no outcome: it runs, or was aborted."""


def assemble(
    ledger: Ledger, lake: Lake, run_id: str, *, read: ReadsReturns | None = None
) -> Evidence:
    """Gather all that the checks look at.

    Parameters
    ----------
    run_id
        The run whose proposal is judged.
    read
        Reads the returns of a trial; default :func:`returns_reader`, whose own is read once for all
        that are assembled with it.

    Raises
    ------
    BadInput
        If that run proposed nothing.
    Damaged
        If a file is not the one that the run submitted, or a trial's returns are not those that
        the ledger names. Returns that were removed count as a trial of which nothing is known.
    """
    entries = ledger.entries()
    proposal = _proposal(entries, run_id)
    submitted = proposal.body["evidence"]
    named = {name: str(submitted.get(name) or "") for name in ("spec", "code", "data")}
    kept = ledger.evidence
    equity = _judged(lake, kept, submitted, "equity.parquet")
    families = Families(entries)
    return Evidence(
        strategy=proposal.body["strategy"],
        run_id=run_id,
        digests=Digests(**named, evidence=evidence_digest(submitted)),
        figures=submitted["figures"],
        returns=_values(equity, "net_return"),
        benchmark=_values(equity, "benchmark_return"),
        times=_times(equity),
        bars_per_year=submitted["figures"].get("bars_a_year") or 252.0,
        stress=tuple(_judged(lake, kept, submitted, "stress.parquet").to_dicts()),
        calibration=_cards(lake, kept, submitted),
        family=_family(read or returns_reader(lake, kept), entries, families, run_id, equity),
        holdout=_holdout(entries, families, run_id, proposal),
    )


def _proposal(entries: Sequence[Entry], run_id: str) -> Entry:
    for entry in entries[::-1]:
        if entry.kind == proposals.KIND and entry.body["run_id"] == run_id:
            return entry
    raise BadInput(f"the run {run_id} proposed nothing", remedy=Mend.LIST_STRATEGIES())


def keep_evidence(ledger: Ledger, lake: Lake, manifest: Manifest, names: Sequence[str]) -> None:
    """Keep files of a result beside the ledger, before an entry names them."""
    for name in names:
        ledger.evidence.keep(manifest, name, lake.read(manifest, name))


def keep_family(ledger: Ledger, lake: Lake, run_id: str) -> None:
    """Keep the returns of all trials that a run is compared with: its checks rest on them, too.

    What is gone by then, or was made from bars that are sealed, is not kept.
    """
    entries = ledger.entries()
    families, ended = Families(entries), outcomes(entries)
    for trial in families.trials(families.of_run(run_id) or ""):
        one = ended.get(trial.body["run_id"])
        if one is not None and one.returns is not None:
            _keep_series(ledger.evidence, lake, one.returns)


def _keep_series(kept: KeptEvidence, lake: Lake, series: Series) -> None:
    where = DatasetId(series.zone, series.stage, series.key)
    if kept.holds(series.sha256) or not lake.exists(where):
        return
    manifest = lake.manifest(where)
    if all((file.name, file.sha256) != (series.name, series.sha256) for file in manifest.files):
        return  # another file stands there, as whoever reads it is told
    try:
        content = lake.read(manifest, series.name)
    except (Busy, Unreachable):
        raise
    except (Forbidden, Failed):
        return
    kept.keep(manifest, series.name, content)


def _judged(
    lake: Lake, kept: KeptEvidence, submitted: Mapping[str, Any], name: str
) -> pl.DataFrame:
    """Read a file of the backtest; its digest must be the one that was submitted."""
    wanted = submitted.get("files", {}).get(name)
    if wanted is None:
        return pl.DataFrame()
    where = DatasetId("report", "backtest", submitted.get("keys", {}).get("backtest", "none"))
    try:
        return _named(lake, kept, where, name, wanted)
    except Damaged as error:
        raise Damaged(
            f"{where.prefix}/{name} is not what the run submitted",
            hint=error.what,
            remedy=Mend.RUN_SPEC(),
        ) from error


def _named(
    lake: Lake, kept: KeptEvidence | None, where: DatasetId, name: str, wanted: str
) -> pl.DataFrame:
    """Read a file of a result that an entry names by its digest, from the lake or as it was kept.

    What is gone from both is as if it were not there: nothing is known of it.

    Raises
    ------
    Damaged
        If another file stands in its place, and it was not kept.
    """
    beside = _kept_manifest(kept, where, name, wanted)
    try:
        found = _of_lake(lake, where, name, wanted)
    except Damaged:
        if beside is None:
            raise
        found = pl.DataFrame()
    if found.is_empty() and beside is not None:
        return _readable(lake, beside, name)
    return found


def _of_lake(lake: Lake, where: DatasetId, name: str, wanted: str) -> pl.DataFrame:
    if not lake.exists(where):
        return pl.DataFrame()  # gone, as results do that nobody made again
    manifest = lake.manifest(where)
    if manifest.file(name).sha256 != wanted:
        raise Damaged(f"{where.prefix}/{name} is not what the ledger names")
    return _readable(lake, manifest, name)


def _kept_manifest(
    kept: KeptEvidence | None, where: DatasetId, name: str, wanted: str
) -> Manifest | None:
    beside = kept.manifest(where) if kept is not None else None
    named = beside is not None and any((f.name, f.sha256) == (name, wanted) for f in beside.files)
    return beside if named else None


def gone_files(ledger: Ledger, lake: Lake, submitted: Mapping[str, Any]) -> list[str]:
    """Return the files that a run submitted and that are neither in the lake nor kept any more."""
    keys = submitted.get("keys", {})
    return [
        name
        for name, wanted in sorted(submitted.get("files", {}).items())
        if not _is_anywhere(
            ledger, lake, DatasetId("report", STAGE_OF.get(name, "backtest"),
                                    keys.get(STAGE_OF.get(name, "backtest"), "none")),
            name, wanted,
        )
    ]  # fmt: skip


def _is_anywhere(ledger: Ledger, lake: Lake, where: DatasetId, name: str, wanted: str) -> bool:
    manifests = [_kept_manifest(ledger.evidence, where, name, wanted)]
    if lake.exists(where):
        manifests.append(lake.manifest(where))
    return any(_is_there(lake, manifest, name) for manifest in manifests if manifest is not None)


def _readable(lake: Lake, manifest: Manifest, name: str) -> pl.DataFrame:
    """Read a frame; what was made from bars that were sealed since is as if it were not there.

    So is a file that is gone, though its manifest names it.
    """
    try:
        return lake.frame(manifest, name)
    except (Busy, Unreachable):
        raise
    except Damaged:
        if _is_there(lake, manifest, name):
            raise
        return pl.DataFrame()
    except (Forbidden, Failed):
        return pl.DataFrame()


def _is_there(lake: Lake, manifest: Manifest, name: str) -> bool:
    try:
        lake.store.head(manifest.file(name).path)
    except NotFound:
        return False
    return True


def _cards(
    lake: Lake, kept: KeptEvidence, submitted: Mapping[str, Any]
) -> tuple[Mapping[str, Any], ...] | None:
    """Read the cards of the study's detectors; their digest must be the one that was submitted."""
    where = DatasetId("report", "detection", submitted.get("keys", {}).get("detection", "none"))
    wanted = submitted.get("files", {}).get(CARDS)
    if wanted is not None:
        return tuple(_named(lake, kept, where, CARDS, wanted).to_dicts())
    if not lake.exists(where):
        return None
    manifest = lake.manifest(where)
    if all(file.name != CARDS for file in manifest.files):
        return None
    return tuple(_readable(lake, manifest, CARDS).to_dicts())


def _values(frame: pl.DataFrame, name: str) -> Floats:
    return frame[name].to_numpy().astype(np.float64) if name in frame.columns else np.empty(0)


def _times(equity: pl.DataFrame) -> NDArray[np.datetime64]:
    if "ts" not in equity.columns:
        return np.empty(0, "datetime64[s]")
    return equity["ts"].dt.replace_time_zone(None).to_numpy().astype("datetime64[s]")


def _family(
    read: ReadsReturns,
    entries: Sequence[Entry],
    families: Families,
    run_id: str,
    equity: pl.DataFrame,
) -> Family:
    name = families.of_run(run_id) or ""
    tried = [trial.body["run_id"] for trial in families.trials(name)]
    ended = outcomes(entries)
    mine = [ended[one] for one in dict.fromkeys(tried) if one in ended]
    counts = dict.fromkeys(("finished", "failed", "refused", UNFINISHED), 0)
    for one in tried:
        counts[ended[one].status if one in ended else UNFINISHED] += 1
    sharpes = [one.sharpe for one in mine if one.sharpe is not None]
    if equity.is_empty():
        return Family(name, len(tried), counts, np.array(sharpes))
    columns, candidate = _aligned(read, mine, run_id, equity)
    return Family(name, len(tried), counts, np.array(sharpes), columns, candidate)


def _aligned(
    read: ReadsReturns, ended: Sequence[Ended], run_id: str, equity: pl.DataFrame
) -> tuple[Floats, int]:
    """Lay the returns of all trials side by side, on the candidate's bars, and say which is its.

    In the order of their names, so that all candidates on the same bars have the same columns.
    """
    bars = equity.select("ts")
    columns = {run_id: _values(equity, "net_return")}
    for one in ended:
        found = None if one.run_id == run_id else read(one)
        if found is None:
            continue
        joined = bars.join(found, on="ts", how="left", maintain_order="left")["net_return"]
        if not joined.null_count():
            columns[one.run_id] = joined.to_numpy().astype(np.float64)
    names = sorted(columns)
    return np.column_stack([columns[name] for name in names]), names.index(run_id)


def returns_reader(lake: Lake, kept: KeptEvidence | None = None) -> ReadsReturns:
    """Return what reads the returns of trials, each once.

    Parameters
    ----------
    kept
        What is kept beside the ledger, for where the lake has let go of them.
    """
    return cache(partial(_returns, lake, kept))


def _returns(lake: Lake, kept: KeptEvidence | None, ended: Ended) -> pl.DataFrame | None:
    """Read the returns of a trial, if they are there still, and are those that it left."""
    series = ended.returns
    if series is None:
        return None
    where = DatasetId(series.zone, series.stage, series.key)
    try:
        found = _named(lake, kept, where, series.name, series.sha256)
    except Damaged as error:
        raise Damaged(
            f"the returns of the run {ended.run_id} are not those that the ledger names",
            hint=error.what,
            remedy=Mend.VERIFY_LEDGER(),
        ) from error
    return None if found.is_empty() else found.select("ts", "net_return")


def _holdout(entries: Sequence[Entry], families: Families, run_id: str, proposal: Entry) -> Holdout:
    family = families.of_run(run_id) or ""
    trials = families.trials(family)
    seal = Register(entries).seal_on(proposal.body["evidence"].get("data", ""))
    if seal is None:
        return Holdout()
    tried = {trial.body["run_id"] for trial in trials}
    taken = [look for look in looks(entries) if look.run_id in tried]
    own = [look for look in taken if look.strategy == proposal.body["strategy"]]
    ended = [look for look in own if look.ended]
    day = seal.sealed_from.isoformat()
    return Holdout(
        source=seal.source,
        sealed_from=seal.sealed_from,
        looks=len(own),
        family_looks=len(taken),
        found=ended[-1].found if ended else None,
        seen=bool(ended),
        contaminated=sum(families.last_day(trial) >= day for trial in trials),
    )

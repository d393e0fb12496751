"""Whether what a source keeps is whole: its journal, the sealed hours, what its flow made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.live.flow.replaying import compare
from configs.errors import Damaged
from storage.journal.archive import Archive
from storage.journal.mending import mend
from storage.journal.segment import examine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.live.flow.flowing import Make
    from agent.live.home import SourceHome
    from storage.journal.mending import Lost
    from storage.lake.lake import Lake


def check(home: SourceHome, lake: Lake, make: Make | None) -> Iterator[dict[str, Any]]:
    """Yield findings: `what`, `well`, `found`.

    Parameters
    ----------
    make
        How flows come to be, for the replay; None to leave it out.
    """
    for number in home.journal.numbers():
        found = examine(home.journal.segment(number))
        said = found.damaged.what if found.damaged else f"whole, {found.end:,} bytes"
        if found.torn and not found.damaged:
            said = f"{len(found.torn)} bytes at its end are being written, or were torn off"
        yield _finding(f"segment {number}", not found.damaged, said)
    archive = Archive(lake, home.name)
    for hour in archive.hours():
        what = hour.manifest.dataset.prefix
        try:
            kept = archive.read_back(hour)
        except Damaged as error:
            yield _finding(what, False, error.what)
            continue
        agrees = kept == hour.summary
        yield _finding(what, agrees, f"{kept.records:,} records" if agrees else "digest differs")
    if make is not None and home.outputs.numbers():
        equality = compare(home, make, older=archive)
        rows = sum(again for _, again in equality.rows.values())
        differing = ", ".join(equality.differing())
        said = f"{equality.records:,} records make the same {rows:,} rows again"
        yield _finding(
            "replay", equality.holds, f"live and replay differ: {differing}" if differing else said
        )


def mend_all(home: SourceHome) -> list[Lost]:
    """Give up what cannot be read of a journal; return what that is."""
    return [lost for number in home.journal.numbers() for lost in mend(home.journal, number)]


def _finding(what: str, well: bool, found: str) -> dict[str, Any]:
    return {"what": what, "well": well, "found": found}

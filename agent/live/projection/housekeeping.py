"""Hours that are over: sealed into the lake, told of, and let go of where that is the rule."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agent.live.flow import checkpoint
from agent.live.home import read_json
from agent.live.telling import sealed_event
from storage.events.boxes import Boxes
from storage.journal.archive import Archive
from storage.journal.record import BEGINNING, Cursor
from storage.journal.sealing import expire, retire, seal

if TYPE_CHECKING:
    from agent.live.home import SourceHome
    from configs.output import Talk
    from storage.lake.lake import Lake
    from taskspecs.sources.flow import Keeping

DAY_US = 86_400_000_000


def keep_house(
    home: SourceHome, lake: Lake, keep: Keeping, *, projected: Cursor, say: Talk
) -> None:
    """Seal what is over, and let go of what is kept elsewhere or has been kept long enough.

    Parameters
    ----------
    projected
        Up to where the warehouse has the journal.

    Raises
    ------
    Damaged
        If a segment, or its copy, is not whole; nothing is removed then.
    """
    for sealed in seal(home.journal, lake):
        say(f"{home.name}: sealed {sealed.prefix}, {sealed.summary.records:,} records")
    _tell_sealed(home, lake)
    left = retire(home.journal, lake, read=min(projected, _flowed(home)))
    if left:
        say(f"{home.name}: {len(left)} segments left for the lake; count and digest agree")
    if keep.raw_days is not None:
        before_us = time.time_ns() // 1_000 - keep.raw_days * DAY_US
        for prefix in expire(home.journal, lake, before_us=before_us):
            say(f"{home.name}: {prefix} is older than {keep.raw_days} days, and gone")


def trim_outputs(home: SourceHome, *, projected: Cursor, hot_days: int) -> int:
    """Let go of commits that are loaded, told and older than hot rows; return how many segments.

    They can be made again: they follow from the journal.
    """
    told = read_json(home.told).get("log") or [0, 0]
    done = min(projected, Cursor(*told), checkpoint.read(home.checkpoint).log).segment
    before_s = time.time() - hot_days * DAY_US / 1e6
    gone = 0
    for number in home.outputs.numbers()[:-1]:
        path = home.outputs.segment(number)
        if number < done and path.stat().st_mtime < before_s:
            path.unlink()
            gone += 1
    return gone


def _flowed(home: SourceHome) -> Cursor:
    """Return up to where the flow is done with the journal, where there is a flow."""
    at = checkpoint.read(home.checkpoint).at
    return at if at > BEGINNING else Cursor(1 << 27, 0)


def _tell_sealed(home: SourceHome, lake: Lake) -> None:
    """Keep in the outbox what was sealed; what was told before is known there by its id."""
    hours = Archive(lake, home.name).hours()
    told = home.folder / "sealed.told"
    last = hours[-1].last if hours else -1
    if hours and (not told.exists() or told.read_text() != str(last)):
        with Boxes(home.workspace.home / "events") as boxes:
            for hour in hours[-48:]:
                message = sealed_event(
                    home.name, hour.manifest.dataset.prefix, dict(hour.manifest.section)
                )
                boxes.outbox.keep_raw(*message)
        told.parent.mkdir(parents=True, exist_ok=True)
        told.write_text(str(last))

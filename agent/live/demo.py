"""A demonstration: a recorded session through a socket of this machine, patterns as they come.

No exchange is reached. What is sent are the prices of the sample that ships with Qraft: five
American shares, day by day, 2007 to 2013. Each day's open, low, high and close is sent as a trade
at a time of that day that is ours, the low before the high; prices, volumes and days are real.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agent.live.flow.commits import commits
from agent.live.flow.making import shipped
from agent.live.flow.replaying import Equality, compare
from agent.live.home import SourceHome
from agent.live.source import Wanted, run
from agent.live.telling import describe, pattern_events
from configs.errors import Failed
from configs.settings import Settings
from configs.workspace import Workspace
from storage.journal.record import BEGINNING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from storage.journal.record import Cursor

NAME: Final = "demo_session"
PER_S: Final = 1_000
AT_ONCE: Final = 10
LONGEST_S: Final = 300.0
LOOK_S: Final = 0.1
_WANTED: Final = ("events", "patterns")
SINCE: Final = "2007-01-01"
TIMES: Final = (("Open", 14.5), ("Low", 17.0), ("High", 19.0), ("Close", 20.98))
"""Columns of the sample, and the hour of the day, UTC, at which we say that they were traded."""
DOCUMENT: Final = """\
kind: source
name: demo_session
description: Daily prices of five American shares, each day as four trades.
connect: {{by: websocket, url: "ws://127.0.0.1:{port}/"}}
decode:
  fields:
    symbol: s
    ts: {{path: T, unit: ms}}
    sequence: t
    price: {{path: p, decimals: 2}}
    size: {{path: q, decimals: 0}}
order: {{step: 1}}
operators:
  - validate: {{price: {{above: 0}}}}
bars: {{every: 1h}}
features:
  move: "$close / Ref($close, 1) - 1"
detection:
  - on: events
    least_confidence: 0.9
    detector: {{detector: gaussian_scorer, watch: $return}}
  - on: bars
    least_confidence: 0.9
    detector: {{detector: half_space_trees, watch: $move}}
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demonstration came to."""

    trades: int
    seconds: float
    patterns: int
    equality: Equality


def session() -> tuple[list[bytes], int]:
    """Return the messages of the session, in the order of time, and how many trades they have."""
    import polars as pl

    from tasks.ingest.origin.sources import sample

    rows = pl.read_csv(sample()).filter(pl.col("Date") >= SINCE).sort("Date", "Ticker").to_dicts()
    sequences: dict[str, int] = {}
    messages = []
    for day, _ in _days(rows):
        for column, hour in TIMES:
            trades = []
            for row in day:
                symbol = row["Ticker"]
                sequences[symbol] = sequences.get(symbol, 0) + 1
                at = datetime.fromisoformat(f"{row['Date']}T00:00:00+00:00") + timedelta(hours=hour)
                trades.append({
                    "s": symbol, "t": sequences[symbol], "T": round(at.timestamp() * 1_000),
                    "p": f"{row[column]:.2f}", "q": str(row["Volume"] // len(TIMES)),
                })  # fmt: skip
            messages.append(json.dumps(trades).encode())
    return messages, sum(sequences.values())


def show(say: Callable[[str], None]) -> Shown:
    """Play the session, say the patterns as they come, and compare live with replayed.

    Raises
    ------
    Failed
        If it does not come to its end in five minutes.
    """
    messages, trades = session()
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="qraft-live-") as folder, _serving(messages) as port:
        root = Path(folder).resolve()
        (root / "sources").mkdir()
        (root / "sources" / f"{NAME}.yaml").write_text(DOCUMENT.format(port=port))
        home = SourceHome(Workspace(root), NAME)
        began = time.monotonic()
        with _running(home, stop) as lives:
            patterns = _follow(home, trades, say, lives)
            seconds = time.monotonic() - began
        return Shown(trades, seconds, patterns, compare(home, shipped()))


def _days(rows: list[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], str]]:
    held: list[dict[str, Any]] = []
    for row in rows:
        if held and held[-1]["Date"] != row["Date"]:
            yield held, held[-1]["Date"]
            held = []
        held.append(row)
    yield held, held[-1]["Date"]


def _follow(
    home: SourceHome, total: int, say: Callable[[str], None], lives: Callable[[], bool]
) -> int:
    """Say patterns as they are committed, until all messages went through."""
    deadline = time.monotonic() + LONGEST_S
    place: Cursor = BEGINNING
    events = patterns = 0
    while events < total and lives():
        if time.monotonic() > deadline:
            raise Failed(f"of {total} trades {events} came through in {LONGEST_S:.0f} s")
        if home.outputs.numbers():
            for place, commit in commits(home.outputs, place, only=_WANTED):  # noqa: B007, B020
                events += commit.tables["events"].height if "events" in commit.tables else 0
                for event in pattern_events(NAME, commit):
                    say(describe(event))
                    patterns += 1
        time.sleep(LOOK_S)
    return patterns


@contextmanager
def _running(home: SourceHome, stop: threading.Event) -> Iterator[Callable[[], bool]]:
    """Record the source and run its flow, as `qraft stream run` does; say whether it goes on."""
    failed: list[BaseException] = []

    def work() -> None:
        try:
            run(home.workspace, Settings(), NAME, stop, wanted=Wanted(projector=False),
                say=lambda *_: None)  # fmt: skip
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=work, name="source")
    thread.start()
    try:
        yield thread.is_alive
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]


@contextmanager
def _serving(messages: list[bytes]) -> Iterator[int]:
    """Serve the session on a port of this machine; each line gets all of it."""
    from websockets.exceptions import ConnectionClosed
    from websockets.sync.server import ServerConnection, serve

    def play(line: ServerConnection) -> None:
        due = time.monotonic()
        try:
            for first in range(0, len(messages), AT_ONCE):
                for message in messages[first : first + AT_ONCE]:
                    line.send(message, text=True)
                due += AT_ONCE / PER_S
                time.sleep(max(0.0, due - time.monotonic()))
            for _ in line:  # until the other side leaves
                pass
        except ConnectionClosed:
            return

    with serve(play, "127.0.0.1", 0, compression=None) as server:
        port = int(server.socket.getsockname()[1])
        threading.Thread(target=server.serve_forever, name="session", daemon=True).start()
        yield port

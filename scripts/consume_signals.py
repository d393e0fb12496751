"""An example of what stands between Qraft's live signals and a broker.

It keeps every promise that a consumer has to keep (gate/README.md): each signal is acted on once,
in the order of time, while it is valid, and only if somebody approved it. What it does with a
signal is to write the wanted weights into a table; put your orders where `act` is.

Usage: python scripts/consume_signals.py --workspace FOLDER --book book.sqlite [--once]
"""

from __future__ import annotations

import argparse
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from configs.errors import BadInput
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.events.envelope import LIVE, from_bytes
from storage.open import open_bus

if TYPE_CHECKING:
    from storage.events.envelope import Event

CHANNEL = "execution"
WAIT_S = 5.0
TABLES = """
CREATE TABLE IF NOT EXISTS done (key TEXT PRIMARY KEY, strategy TEXT, ts TEXT, verdict TEXT);
CREATE TABLE IF NOT EXISTS wanted (
    strategy TEXT, symbol TEXT, weight REAL, approval TEXT, PRIMARY KEY (strategy, symbol));
"""


def open_book(path: Path) -> sqlite3.Connection:
    """Open what was done so far: it outlives this program, so that no signal is acted on twice."""
    book = sqlite3.connect(path)
    book.executescript(TABLES)
    return book


def handle(book: sqlite3.Connection, event: Event, now: datetime) -> str:
    """Act on a signal, or say why not; what was done and that it was done are one transaction."""
    payload = event.payload
    with book:
        # The key is taken first: of two consumers that got the same signal, one goes on.
        taken = book.execute(
            "INSERT OR IGNORE INTO done VALUES (?, ?, ?, 'taken')",
            (payload["idempotency_key"], payload["strategy"], payload["ts"]),
        )
        if not taken.rowcount:
            return "seen already"
        verdict = refusal(book, payload, now) or act(book, payload)
        book.execute(
            "UPDATE done SET verdict = ? WHERE key = ?", (verdict, payload["idempotency_key"])
        )
    return verdict


def refusal(book: sqlite3.Connection, payload: dict[str, Any], now: datetime) -> str:
    """Say why a signal is not acted on; empty where it is."""
    if payload.get("stage") != "live" or not payload.get("approval"):
        return "not approved"
    for name in ("valid_until", "approval_expires"):
        if datetime.fromisoformat(payload[name]) <= now:
            return f"too late: {name} {payload[name]}"
    newest = book.execute(
        "SELECT max(ts) FROM done WHERE strategy = ? AND verdict = 'acted'", (payload["strategy"],)
    ).fetchone()[0]
    return "a newer one was acted on" if newest and newest >= payload["ts"] else ""


def act(book: sqlite3.Connection, payload: dict[str, Any]) -> str:
    """Bring the strategy to the wanted weights; what is not named is not held."""
    book.execute("DELETE FROM wanted WHERE strategy = ?", (payload["strategy"],))
    book.executemany(
        "INSERT INTO wanted VALUES (?, ?, ?, ?)",
        [
            (payload["strategy"], target["symbol"], target["weight"], payload["approval"])
            for target in payload["targets"]
        ],
    )
    return "acted"


def show(book: sqlite3.Connection, strategy: str, verdict: str) -> None:
    """Print what is wanted of a strategy, where it was acted on."""
    if verdict != "acted":
        return
    rows = book.execute(
        "SELECT symbol, weight FROM wanted WHERE strategy = ? ORDER BY symbol", (strategy,)
    ).fetchall()
    for symbol, weight in rows:
        say(f"  {symbol} {weight:.1%}")
    if not rows:
        say("  nothing is held")


def say(text: str) -> None:
    """Print at once, also where the output goes to a file or a service's log."""
    print(text, flush=True)


def main(arguments: list[str] | None = None) -> None:
    """Receive signals until stopped; with --once, until none has come for a while."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workspace", default=".")
    parser.add_argument("--book", type=Path, default=Path("book.sqlite"))
    parser.add_argument("--once", action="store_true")
    given = parser.parse_args(arguments)
    workspace = open_workspace(given.workspace)
    bus, book = open_bus(load_settings(workspace), workspace), open_book(given.book)
    handled = 0
    try:
        with bus.subscribe(LIVE, CHANNEL) as subscription:
            say(f"waiting for live signals of {workspace.root}; Ctrl-C stops")
            while (batch := subscription.receive(WAIT_S)) or not given.once:
                for delivery in batch:
                    try:
                        event = from_bytes(delivery.body)
                        verdict = handle(book, event, _now())
                        say(f"{event.payload['strategy']} {event.payload['ts']}: {verdict}")
                        show(book, event.payload["strategy"], verdict)
                    except (BadInput, KeyError, ValueError) as error:
                        say(f"not a signal: {error}")
                    delivery.finish()
                    handled += 1
    except KeyboardInterrupt:
        say("stopped; what was not settled comes again")
    finally:
        say(f"{handled} handled; what is wanted is in the table `wanted` of {given.book}")
        book.close()
        bus.close()


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()

"""`qraft demo --live`: patterns as they come, and live beside replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from configs import output
from configs.errors import Failed

if TYPE_CHECKING:
    from agent.live.demo import Shown


def show_live(*, as_json: bool) -> None:
    """Play the session and show it.

    Raises
    ------
    Failed
        If live and replay differ.
    """
    from agent.live.demo import show

    output.talk(
        "daily prices of five American shares, 2007 to 2013, as they were quoted, splits and all, "
        "each day as\nfour trades at times of ours, through a WebSocket of this machine; what is "
        "found, as it is found:"
    )
    shown = show(output.talk if as_json else click.echo)
    value = _value(shown)
    output.write(as_json, value, lambda: _print(shown, value))
    if not shown.equality.holds:
        raise Failed(f"live and replay differ: {', '.join(shown.equality.differing())}")


def _value(shown: Shown) -> dict[str, Any]:
    equality = shown.equality
    return {
        "trades": shown.trades,
        "seconds": round(shown.seconds, 1),
        "patterns": shown.patterns,
        "equal": equality.holds,
        "tables": [
            {"table": name, "live": live, "replayed": again, "sha256": equality.digests[name][0]}
            for name, (live, again) in equality.rows.items()
        ],
    }


def _print(shown: Shown, value: dict[str, Any]) -> None:
    rows = [row | {"sha256": row["sha256"][:16]} for row in value["tables"]]
    click.echo()
    output.print_rows(
        rows, ["table", "live", "replayed", "sha256"], empty="", title="live beside replayed"
    )
    said = "the same bytes" if shown.equality.holds else "not the same"
    click.echo(f"{shown.trades:,} trades in {shown.seconds:.0f} s; live and replayed: {said}")

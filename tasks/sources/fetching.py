"""A fetch: bars of a period into one file of the workspace, which can be stopped at any time."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from configs.errors import BadInput, Failed, did_you_mean
from tasks.sources.parts import Parts
from tasks.sources.providers.port import day
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import polars as pl

    from configs.workspace import Workspace
    from tasks.sources.providers.port import Provider, Span

PARTS: Final = "fetch"
"""The folder of Qraft's own where pieces wait until all are there."""
LARGEST_PART: Final = 1 << 28
KEY: Final = "qraft.source"
"""In the file's own metadata: what the sidecar says."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be fetched.

    Attributes
    ----------
    symbols
        By our names.
    span
        The period, and how long bars are.
    length
        What studies call that: `1min`, `day`.
    name
        What the file is called, without its ending.
    """

    symbols: tuple[str, ...]
    span: Span
    length: str
    name: str

    @property
    def key(self) -> str:
        """Names what was asked for, so that the same again goes on."""
        return digest([self.symbols, self.span, self.length, self.name])[:24]


async def fetch(
    provider: Provider,
    wanted: Wanted,
    workspace: Workspace,
    *,
    replace: bool = False,
    tell: Callable[[str, float, int], None] | None = None,
) -> dict[str, Any]:
    """Bring bars into the workspace's folder `data`, as `NAME.parquet`.

    Each piece is kept as it comes; a fetch that was stopped, or killed, goes on behind the last.
    The file appears whole, once all is there, with where it is from in its metadata and beside it
    in `.NAME.source.json`.

    Parameters
    ----------
    replace
        Fetch anew, and replace a file of that name.
    tell
        Told of each piece: the symbol, the part of all that is there, and rows so far.

    Returns
    -------
    dict
        What the sidecar says.

    Raises
    ------
    BadInput
        If another file has the name.
    QraftError
        If the provider fails; what came stands, and the same again goes on.
    """
    target = workspace.data / f"{wanted.name}.parquet"
    before = said_of(target)
    if before is not None and before.get("key") == wanted.key and not replace:
        return before
    if target.exists() and not replace:
        raise BadInput(
            f"{target} is there already, with other content",
            hint="--name gives the new one another name; --replace replaces the old one",
        )
    folder = workspace.home / PARTS / f"{provider.name}-{wanted.key}"
    rows = 0
    for number, symbol in enumerate(wanted.symbols):
        parts = Parts(folder, symbol, wanted.span)
        rows += parts.rows
        if not parts.unfinished:
            continue
        async for piece in provider.pieces(symbol, parts.left):
            parts.keep(piece.bars, piece.upto_us)
            rows += piece.bars.height
            if tell is not None:
                tell(symbol, (number + parts.share) / len(wanted.symbols), rows)
    told = _commit(provider, wanted, folder, target)
    shutil.rmtree(folder, ignore_errors=True)
    return told


def said_of(path: Path) -> dict[str, Any] | None:
    """Return what the sidecar of a fetched file says of it; none if it is of no such file."""
    try:
        text = _sidecar(path).read_bytes()[:LARGEST_PART]
        told = json.loads(text)
        return dict(told) if told["sha256"] == _digest(path) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def lengths_to(provider: Provider, written: str) -> int:
    """Return how long bars are, in microseconds.

    Raises
    ------
    BadInput
        If the provider has no such ones.
    """
    if written not in provider.lengths:
        raise BadInput(
            f"{provider.name} has no bars of `{written}`",
            hint=did_you_mean(written, provider.lengths),
        )
    return provider.lengths[written]


def _commit(provider: Provider, wanted: Wanted, folder: Path, target: Path) -> dict[str, Any]:
    """Put all pieces into the file, and beside it where they are from."""
    import polars as pl

    paths = [
        path for symbol in wanted.symbols for path in Parts(folder, symbol, wanted.span).paths()
    ]
    frames = [pl.read_parquet(path) for path in paths]
    bars = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    if bars.is_empty():
        raise Failed(
            f"{provider.name} has no bars of {', '.join(wanted.symbols[:5])} from "
            f"{day(wanted.span.start_us)} to {day(wanted.span.end_us - 1)}",
        )
    stamp = "date" if "date" in bars.columns else "close_time"
    bars = bars.unique(["symbol", stamp], keep="last").sort("symbol", stamp)
    bars = bars[[name for name in bars.columns if not bars[name].is_null().all()]]
    told = _told(provider, wanted, bars)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    target.parent.mkdir(parents=True, exist_ok=True)
    bars.write_parquet(part, metadata={KEY: json.dumps(told, sort_keys=True)})
    told["sha256"] = _digest(part)
    _write(_sidecar(target), json.dumps(told, indent=1, ensure_ascii=False))
    part.replace(target)
    return told


def _told(provider: Provider, wanted: Wanted, bars: pl.DataFrame) -> dict[str, Any]:
    counts = bars.group_by("symbol").len().sort("symbol")
    return {
        "provider": provider.name,
        **provider.provenance,
        "key": wanted.key,
        "frequency": wanted.length,
        "from_day": day(wanted.span.start_us),
        "to_day": day(wanted.span.end_us - 1),
        "fetched_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": dict(zip(counts["symbol"].to_list(), counts["len"].to_list(), strict=True)),
        "empty": [each for each in wanted.symbols if each not in set(counts["symbol"])],
    }


def _sidecar(target: Path) -> Path:
    return target.with_name(f".{target.stem}.source.json")


def _write(path: Path, text: str) -> None:
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

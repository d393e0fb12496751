"""Groups of symbols, as sectors, read from a file and kept in the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, did_you_mean, in_spec
from tasks.ingest.origin.sources import inside

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from taskspecs.schema import TaskSpec


LARGEST_BYTES = 64 * 2**20
PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x78\x01", b"\x78\x9c", b"\x78\xda")
"""How gzip, zstd and zlib begin: what unpacks itself on reading has no length beforehand."""


def with_members(spec: TaskSpec, workspace: Path) -> TaskSpec:
    """Write the members of groups out, so that what the file said is part of what is run.

    Raises
    ------
    BadInput
        If the file cannot be found or read, or lacks a column.
    """
    groups = spec.aggregation.groups
    if groups is None or groups.path is None:
        return spec
    path = inside(groups.path, workspace, key="aggregation.groups.path")
    members = read_groups(path, symbol=groups.symbol, group=groups.group)
    pinned = groups.model_copy(update={"members": members})
    aggregation = spec.aggregation.model_copy(update={"groups": pinned})
    return spec.model_copy(update={"aggregation": aggregation})


def read_groups(path: Path, *, symbol: str, group: str) -> dict[str, str]:
    """Read symbol to group; a symbol without a group is left out.

    Parameters
    ----------
    path
        A CSV with a heading.
    symbol, group
        Its columns.

    Raises
    ------
    BadInput
        If it is no CSV, lacks a column, or puts a symbol into two groups.
    """
    try:
        table = pl.read_csv(_plain(path), infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(
            f"`{path.name}` cannot be read as a CSV: {str(error).splitlines()[0]}",
            place=in_spec("aggregation.groups.path"),
        ) from error
    for key, heading in (("symbol", symbol), ("group", group)):
        if heading not in table.columns:
            raise BadInput(
                f"`{path.name}` has no column `{heading}`",
                place=in_spec(f"aggregation.groups.{key}"),
                hint=did_you_mean(heading, table.columns),
            )
    pairs = table.select(symbol=symbol, group=group).drop_nulls().unique().sort("symbol", "group")
    twice = pairs.filter(pl.col("symbol").is_duplicated())
    if not twice.is_empty():
        raise BadInput(
            f"`{path.name}` puts {twice['symbol'][0]} into more than one group:"
            f" {', '.join(twice['group'].head(2))}",
            place=in_spec("aggregation.groups.path"),
        )
    return dict(pairs.iter_rows())


def _plain(path: Path) -> bytes:
    """Return a file's bytes, if it is no longer than groups are, and not packed."""
    with path.open("rb") as file:
        raw = file.read(LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES or raw.startswith(PACKED):
        raise BadInput(
            f"`{path.name}` is packed, or longer than {LARGEST_BYTES >> 20} MB: it names no groups",
            place=in_spec("aggregation.groups.path"),
            hint="a plain CSV with a line for each symbol",
        )
    return raw


def refuse_strangers(spec: TaskSpec, symbols: Collection[str]) -> None:
    """Refuse groups in which none of the symbols has company.

    Raises
    ------
    BadInput
        At ``aggregation.groups``.
    """
    groups = spec.aggregation.groups
    if groups is None:
        return
    found = [groups.members[symbol] for symbol in symbols if symbol in groups.members]
    if len(found) == len(set(found)):
        raise BadInput(
            f"of {len(symbols)} symbols {len(found)} are in a group, and no two in the same",
            place=in_spec("aggregation.groups"),
            hint="are they spelt as in the data, and is it the right column?",
        )

"""From a path to a table: the container told by its content, and opened within bounds."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, Failed
from configs.remedies import Mend
from tasks.ingest.files import (
    delimited,
    documents,
    folders,
    kinds,
    limits,
    packed,
    qlib_bin,
    workbooks,
)
from tasks.ingest.files.tables import Table, damaged
from tasks.ingest.headings import file_names
from tasks.ingest.headings.headings import FIELD_OF, plain
from tasks.ingest.health import Finding
from tasks.ingest.shapes import tidy, vendors
from tasks.ingest.shapes.parts import in_one_form, written_alike
from tasks.ingest.shapes.resolution import resolve, resolve_frame
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from taskspecs.schema import DataSpec

_NOTES = (".md", ".pdf", ".html", ".htm", ".doc", ".docx", ".json.sha256", ".sha256", ".checksum")
_NOTE_NAMES = ("readme", "license", "licence", "manifest", "condition", "metadata", "symbology")


def load(path: Path, name: str, data: DataSpec) -> Table:
    """Open a file, or a folder, as one table.

    What it is, is told by its bytes, not by its name: text of separated cells, JSON, Parquet,
    Arrow, Excel, each plain or packed; an archive or a folder of such files, one a symbol or one a
    period; or qlib's binary store.

    Parameters
    ----------
    path
        The file or the folder.
    name
        What to call it in messages.
    data
        The `data` section of a spec, which says what the content does not tell.

    Raises
    ------
    BadInput
        If it is something else, damaged, beyond the bounds, or has no rows.
    Failed
        If it cannot be read at all.
    """
    try:
        if path.is_dir():
            return _archive(folders.pack(path), name, data, what="a folder")
        with path.open("rb") as file:
            head = file.read(512)
            if kinds.starts(head, kinds.COLUMNAR) == "Parquet":
                return _parquet(path, name, data)
            before = os.fstat(file.fileno())
            content = head + file.read(max(before.st_size - len(head), 0))
            after = os.fstat(file.fileno())
    except OSError as error:
        raise Failed(
            f"`{path}` cannot be read: {error.strerror or error}",
            remedy=Mend.INSPECT_FILE(path=path),
        ) from error
    grows = before.st_size != after.st_size
    if grows and b"\n" in content[-limits.CELL_BYTES :]:
        content = content[: content.rfind(b"\n") + 1]  # the last line may not be whole yet
    table = read(content, name, data)
    note = (Finding("growing", 1, 0, f"{before.st_size:,} bytes were read"),) if grows else ()
    return replace(table, findings=(*table.findings, *note))


def read(content: bytes, name: str, data: DataSpec, *, packing: str = "") -> Table:
    """Read the bytes of one file as a table; see :func:`load`.

    Parameters
    ----------
    packing
        What the bytes were taken out of, if anything.
    """
    content, kind = packed.unpack(content, name)
    packing = packing or kind or ""
    head = content[:512]
    columnar = kinds.starts(head, kinds.COLUMNAR)
    if columnar:
        return _columnar(content, columnar, name, data)
    if head.startswith((kinds.ZIP, kinds.EMPTY_ZIP, kinds.OLD_EXCEL)):
        return _zip_or_workbook(content, name, data, packing)
    kinds.refuse_others(head, name)
    if documents.looks_like(head) and data.delimiter is None:
        grids = documents.read(content, name)
        parts = [(resolve(grid, name, data), symbol or None) for symbol, grid in grids.items()]
        return _joined(parts, name, data, container="JSON")
    table = resolve(delimited.read(content, name, data), name, data, packed=bool(packing))
    what = f"text in {packing}" if packing else "text"
    return _said(table, "container", what)


def _zip_or_workbook(content: bytes, name: str, data: DataSpec, packing: str) -> Table:
    if content.startswith(kinds.OLD_EXCEL):
        return _workbook(content, name, data)
    if packing:
        raise BadInput(f"`{name}` is packed more than once", hint="unpack it once and give that")
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise damaged(name, "Excel or zip", error) from error
    if workbooks.is_workbook(names):
        return _workbook(content, name, data)
    return _archive(content, name, data, what="zip")


def _workbook(content: bytes, name: str, data: DataSpec) -> Table:
    """Read the sheet that holds bars; where several do, each is of the symbol it is called."""
    tables: list[tuple[Table, str | None]] = []
    refused: list[BadInput] = []
    grids = workbooks.read(content, name, data)
    for title, grid in grids.items():
        try:
            table = resolve(grid, name if len(grids) == 1 else f"{name}: {title}", data)
        except BadInput as error:
            refused.append(error)
            continue
        if _is_of_bars(table):
            tables.append((table, title))
    if not tables and refused:
        raise refused[0]
    if not tables:
        tables = [(resolve(next(iter(grids.values())), name, data), None)]
    if len(tables) == 1:
        return _said(replace(tables[0][0], name=name), "container", "Excel")
    first = set(tables[0][0].schema)
    if any(set(table.schema) != first for table, _ in tables):
        raise BadInput(
            f"`{name}` has several sheets that hold bars, with different headings: "
            f"{', '.join(str(title) for _, title in tables)}",
            hint=f"say which under `data`: `sheet: {tables[0][1]}`",
        )
    return _joined(tables, name, data, container="Excel")


def _is_of_bars(table: Table) -> bool:
    fields = {FIELD_OF.get(plain(heading)) for heading in table.schema}
    has_time = bool(fields & {"date", "time", "open_time", "close_time"}) or "" in table.schema
    return has_time and bool(fields & {"close", "adj_close"})


def _archive(content: bytes, name: str, data: DataSpec, *, what: str) -> Table:
    files = packed.members(content, name)
    if qlib_bin.is_qlib(files):
        frame = qlib_bin.read(files, name)
        return _said(
            Table(name, dict(frame.schema), None, frame), "container", "qlib's binary store"
        )
    kept = {each: bytes_ for each, bytes_ in files.items() if not _is_note(each)}
    if not kept:
        raise BadInput(f"`{name}` holds no file of bars", hint=f"it holds: {_list(files)}")
    parts = []
    for member, body in kept.items():
        if body.startswith(kinds.ZIP) and not _is_inner_workbook(body):
            raise BadInput(f"`{name}` holds an archive in an archive: `{member}`")
        table = read(body, member, data, packing=what)
        own = table.symbol if len(kept) > 1 or file_names.tell(member).symbol else None
        parts.append((table, own))
    if len(parts) == 1:
        return _said(replace(parts[0][0], name=name), "container", f"{what} of one file")
    return _joined(parts, name, data, container=f"{what} of {len(parts):,} files")


def _is_inner_workbook(body: bytes) -> bool:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return workbooks.is_workbook(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError):
        return False


def _is_note(member: str) -> bool:
    base = member.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return base.endswith(_NOTES) or base.split(".")[0] in _NOTE_NAMES


def _list(files: Mapping[str, bytes]) -> str:
    return ", ".join(sorted(files)[:10]) or "nothing"


def _joined(
    parts: Sequence[tuple[Table, str | None]], name: str, data: DataSpec, *, container: str
) -> Table:
    """Put tables of one source below one another, each of the symbol that its part is called."""
    first = parts[0][0]
    if len(parts) == 1:
        symbol = data.symbol or parts[0][1] or first.symbol
        how = "`data.symbol`" if data.symbol else first.symbol_how
        if parts[0][1] and not data.symbol:
            how = "the document"
        return _said(replace(first, symbol=symbol, symbol_how=how), "container", container)
    names = sorted({str(symbol) for _, symbol in parts})
    parts = _in_one_form(parts, data)
    first = parts[0][0]
    frames = []
    lines = []
    for table, symbol in parts:
        frame = table.frame
        if not _names_symbols(frame, data):
            own = data.symbol or symbol or table.symbol
            frame = frame.with_columns(pl.lit(own).alias("symbol"))
        frames.append(frame)
        numbered = pl.int_range(table.first_line, table.first_line + frame.height, eager=True)
        lines.append(table.lines if table.lines is not None else numbered)
    if len({table.price_unit for table, _ in parts}) > 1:
        raise BadInput(f"the files in `{name}` write prices in different units")
    try:
        whole = pl.concat(frames, how="diagonal")
    except pl.exceptions.PolarsError:
        texts = [frame.select(pl.all().cast(pl.String)) for frame in frames]
        whole = pl.concat(texts, how="diagonal")
    limits.refuse_size(whole.height, whole.width, name=name)
    findings = _added(table.findings for table, _ in parts)
    frequencies = {table.frequency for table, _ in parts}
    table = replace(
        first,
        name=name,
        schema=dict(whole.schema),
        _cells=whole,
        lines=pl.concat([each.cast(pl.Int64) for each in lines]),
        symbol=None,
        frequency=first.frequency if len(frequencies) == 1 else None,
        findings=findings,
    )
    said = f"{container}; {len(parts):,} parts, as {', '.join(names[:3])}"
    return _said(table, "container", said)


def _in_one_form(
    parts: Sequence[tuple[Table, str | None]], data: DataSpec
) -> Sequence[tuple[Table, str | None]]:
    """Bring parts that are not written alike to one form; leave others as they are."""
    if written_alike([table for table, _ in parts]):
        return parts
    named = []
    for table, symbol in parts:
        own = data.symbol or symbol or table.symbol
        how = table.symbol_how if own == table.symbol else "the part's name"
        named.append(replace(table, symbol=own, symbol_how=how))
    return [(table, table.symbol) for table in in_one_form(named, data)]


def _names_symbols(frame: pl.DataFrame, data: DataSpec) -> bool:
    return "symbol" in data.columns or any(
        FIELD_OF.get(plain(heading)) == "symbol" for heading in frame.columns
    )


def _added(findings: object) -> tuple[Finding, ...]:
    found: dict[str, Finding] = {}
    for part in findings:  # type: ignore[attr-defined]
        for each in part:
            known = found.get(each.rule)
            count = each.count + (known.count if known else 0)
            example = known.example if known and known.example else each.example
            found[each.rule] = Finding(each.rule, count, 0, example)
    return tuple(found.values())


def _said(table: Table, layer: str, what: str) -> Table:
    return replace(table, understood=(Understood(layer, what), *table.understood))


def _columnar(content: bytes, kind: str, name: str, data: DataSpec) -> Table:
    buffer = io.BytesIO(content)
    try:
        if kind == "Parquet":
            _refuse_large(buffer, name)
            frame = pl.read_parquet(buffer)
        elif kind == "Arrow":
            frame = pl.read_ipc(buffer)
        else:
            frame = pl.read_ipc_stream(buffer)
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        raise damaged(name, kind, error) from error
    return _stored(frame, kind, name, data)


def _stored(frame: pl.DataFrame, kind: str, name: str, data: DataSpec) -> Table:
    if frame.is_empty():
        raise BadInput(f"`{name}` has columns but no rows")
    limits.refuse_size(frame.height, frame.width, name=name)
    table = resolve_frame(frame, name, data) or Table(name, dict(frame.schema), None, frame)
    return _said(_of_name(vendors.settle(table), data), "container", kind)


def _of_name(table: Table, data: DataSpec) -> Table:
    told = file_names.tell(table.name)
    symbol, how = (
        (data.symbol, "`data.symbol`") if data.symbol else (told.symbol, "the file's name")
    )
    return replace(table, symbol=symbol, symbol_how=how, frequency=told.frequency)


def _parquet(path: Path, name: str, data: DataSpec) -> Table:
    """Look at a Parquet file's schema; its columns are read when they are asked for."""
    try:
        schema = dict(pl.read_parquet_schema(path))
        rows = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise damaged(name, "Parquet", error) from error
    if not rows:
        raise BadInput(f"`{name}` has columns but no rows")
    limits.refuse_size(rows, len(schema), name=name)
    lazy = Table(name, schema, None, path)
    headings = set(map(plain, schema))
    if _is_of_bars(lazy) and not data.layout and not headings & {"tsevent", *tidy.VALUES}:
        return _said(_of_name(lazy, data), "container", "Parquet")
    return _stored(lazy.frame, "Parquet", name, data)


def _refuse_large(buffer: io.BytesIO, name: str) -> None:
    rows = pl.scan_parquet(buffer).select(pl.len()).collect().item()
    limits.refuse_size(rows, 0, name=name)
    buffer.seek(0)

"""Text files of separated cells."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import BadInput, Place
from tasks.ingest.files import limits
from tasks.ingest.files.cellkinds import kind
from tasks.ingest.files.dialects import Dialect, is_rule, rows_of, says_delimiter, tell
from tasks.ingest.files.encodings import decode
from tasks.ingest.files.grids import Grid, Layout, lay_out, padded
from tasks.ingest.health import Finding
from tasks.ingest.understanding import Understood

if TYPE_CHECKING:
    from tasks.ingest.understanding import Certainty
    from taskspecs.schema import DataSpec

_HEAD_BYTES, _HEAD_LINES = 2**21, 400
_TAIL_BYTES, _TAIL_LINES = 2**16, 60
_SUMMARIES = frozenset(
    (
        *("total", "totals", "subtotal", "sum", "average", "avg", "mean", "median", "min", "max"),
        *("minimum", "maximum", "std", "stdev", "count", "summe", "gesamt", "durchschnitt"),
        *("mittelwert", "moyenne", "somme", "promedio", "suma", "media", "soma", "média"),
        *("totale", "somma", "gemiddelde", "średnia", "итого", "среднее"),
        *("合计", "总计", "小计", "平均", "最大", "最小", "合計", "평균", "합계"),
    )
)
"""Words in the place of a time that head a row of sums below the last one."""
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "blanks"}


def read(content: bytes, name: str, data: DataSpec) -> Grid:
    r"""Read the cells of a text, as text.

    Encoding, delimiter, quotes, and which rows are headings, are told by the content. What stands
    above the headings and below the last row is left out and counted.

    Parameters
    ----------
    content
        The file's bytes, unpacked.
    name
        What to call it in messages.
    data
        The `data` section of a spec: `encoding` and `delimiter` where they are told.

    Raises
    ------
    BadInput
        If it is not text, malformed (the line is named), or has no rows.

    Examples
    --------
    >>> from taskspecs.schema import DataSpec
    >>> grid = read(b"code;close\n000001;9,5\n", "x.csv", DataSpec())
    >>> grid.header, grid.frame.row(0)
    ([['code', 'close']], ('000001', '9,5'))
    """
    decoded = decode(content, name, told=data.encoding)
    text = decoded.content
    if not text.strip():
        raise BadInput(
            f"`{name}` is empty",
            hint="look where it came from: a download or an export that failed leaves such a file",
        )
    lines = _head(text)
    if max(map(len, lines)) > limits.CELL_BYTES:
        raise BadInput(f"`{name}` has a line of more than {limits.CELL_BYTES:,} letters")
    dialect = tell(lines, told=data.delimiter)
    if says_delimiter(lines[0]):
        lines[0] = ""
    rows, ends = rows_of(lines, dialect)
    starts = [0, *ends]
    drawn = {at for at, start in enumerate(starts[:-1]) if is_rule(lines[start])}
    layout = lay_out([row for at, row in enumerate(rows) if at not in drawn])
    above = [start for at, start in enumerate(starts) if at not in drawn][layout.first]
    body, cut = _without_tail(text[_offset(text, above) :], layout, dialect)
    if not body.strip():
        raise BadInput(f"`{name}` has a line of headings but no rows")
    first_line = above + 1
    frame = _cells(body, layout, dialect, name, first_line)
    header, frame = _fit(layout.header, frame)
    frame, repeated = _without_repeated(frame, header, layout.time)
    return Grid(
        frame,
        header,
        layout.preamble,
        first_line,
        dialect.delimiter,
        (
            Understood(
                "encoding",
                decoded.encoding,
                _certainty(told=data.encoding, sure=decoded.sure),
                "encoding: cp1252" if decoded.encoding != "cp1252" else "encoding: utf-8",
            ),
            Understood(
                "delimiter",
                _NAMES.get(dialect.delimiter, repr(dialect.delimiter)),
                _certainty(told=data.delimiter, sure=dialect.sure),
                "delimiter: ';'" if dialect.delimiter != ";" else "delimiter: ','",
            ),
        ),
        (
            Finding(
                "outside_lines",
                len(layout.preamble) + len(drawn) + len(cut.footer) + repeated,
                0,
                _shown(layout, cut),
            ),
            Finding("cut_line", int(bool(cut.broken)), 0, cut.broken),
        ),
    )


def _certainty(*, told: object, sure: bool) -> Certainty:
    return "told" if told else "sure" if sure else "guessed"


def _head(text: bytes) -> list[str]:
    head = text[:_HEAD_BYTES]
    if len(head) < len(text):
        head = head[: head.rfind(b"\n") + 1] or head
    return head.decode("utf-8", "replace").split("\n", _HEAD_LINES)[:_HEAD_LINES]


def _offset(text: bytes, lines: int) -> int:
    at = 0
    for _ in range(lines):
        at = text.find(b"\n", at) + 1
        if at == 0:
            return len(text)
    return at


class _Cut:
    """What was taken off a text's end."""

    def __init__(self) -> None:
        self.footer: list[str] = []
        self.broken = ""


def _without_tail(body: bytes, layout: Layout, dialect: Dialect) -> tuple[bytes, _Cut]:
    """Take off blank lines, lines that are no rows, and a last line that was not written whole."""
    cut = _Cut()
    whole = body.endswith(b"\n")
    end = len(body)
    for _ in range(_TAIL_LINES):
        end -= len(body[max(0, end - _TAIL_BYTES) : end]) - len(
            body[max(0, end - _TAIL_BYTES) : end].rstrip(b"\n\x1a ")
        )
        start = body.rfind(b"\n", max(0, end - _TAIL_BYTES), end) + 1
        line = body[start:end].decode("utf-8", "replace")
        if not start and not cut.footer and whole:
            break
        why = "footer" if is_rule(line) else _is_no_row(line, layout, dialect, whole=whole)
        if why is None:
            break
        if why == "cut":
            cut.broken = line[:60]
        else:
            cut.footer.insert(0, line[:60])
        end, whole = start, True
        if not start:
            break
    return body[:end] if end < len(body) else body, cut


def _is_no_row(line: str, layout: Layout, dialect: Dialect, *, whole: bool) -> str | None:
    if layout.time is None:
        return None
    if not whole and line.count(dialect.quote) % 2:
        return "cut"
    rows, _ = rows_of([line], dialect)
    cells = rows[0] if rows else []
    said = [cell for cell in cells if cell]
    short = len(cells) < layout.width
    here = kind(cells[layout.time]) if layout.time < len(cells) else "empty"
    if here in {"time", "digits"}:
        return "cut" if short and not whole else None
    if not said:
        return "footer"
    if short and not whole and len(said) < layout.width and any(ch.isdigit() for ch in line):
        return "cut" if re.match(r"^[\d\W]+$", cells[0]) else "footer"
    stray = len(said) <= 0.5 * layout.width or len(cells) > layout.width
    noted = here == "word" and (short or _is_summary(cells[layout.time]))
    return "footer" if stray or noted else None


def _is_summary(cell: str) -> bool:
    return re.split(r"[\W\d]+", cell.casefold())[0] in _SUMMARIES


def _cells(
    body: bytes, layout: Layout, dialect: Dialect, name: str, first_line: int
) -> pl.DataFrame:
    width = max(layout.width, *(len(row) for row in layout.header), 1)
    limits.refuse_size(0, width, name=name)
    delimiter = dialect.delimiter
    if delimiter == " ":
        body = re.sub(rb"[ \t]+", b"\t", re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", body))
        delimiter = "\t"
    try:
        # All cells stay text: 000001 is a symbol, not a number.
        frame = pl.read_csv(
            io.BytesIO(body),
            has_header=False,
            separator=delimiter,
            quote_char=dialect.quote,
            schema={str(at): pl.String for at in range(width)},
            encoding="utf8",
            missing_columns="insert",
        )
    except pl.exceptions.PolarsError as error:
        raise _malformed(
            body, width, Dialect(delimiter, dialect.quote), name, first_line
        ) from error
    limits.refuse_size(frame.height, frame.width, name=name)
    return frame


def _fit(header: list[list[str]], frame: pl.DataFrame) -> tuple[list[list[str]], pl.DataFrame]:
    """Bring headings and cells to one width.

    Cells that end with a delimiter make an empty last column; an index that was written without a
    heading stands before the others.
    """
    if not header:
        return [], frame
    width = max(len(row) for row in header)
    extra = frame.width - width
    last = frame.columns[-1]
    if extra == 1 and not frame[last].is_null().all():
        return [["", *padded(row, width)] for row in header], frame
    unheaded = not any(padded(row, frame.width)[-1] for row in header)
    if unheaded and frame.width > 1 and frame[last].is_null().all():
        frame = frame.drop(last)
    return [padded(row, frame.width) for row in header], frame


def _without_repeated(
    frame: pl.DataFrame, header: list[list[str]], time: int | None
) -> tuple[pl.DataFrame, int]:
    """Leave out rows that say the headings again, as in files that were joined."""
    if not header or time is None or not header[-1][min(time, len(header[-1]) - 1)]:
        return frame, 0
    column, heading = frame.columns[min(time, frame.width - 1)], header[-1][time]
    again = frame[column] == heading
    count = int(again.sum() or 0)
    return (frame.filter(~again.fill_null(value=False)), count) if count else (frame, 0)


def _shown(layout: Layout, cut: _Cut) -> str:
    said = [" ".join(filter(None, row))[:60] for row in layout.preamble] + cut.footer
    return "; ".join(said[:3])


def _malformed(body: bytes, width: int, dialect: Dialect, name: str, first_line: int) -> BadInput:
    """Find the line that a CSV breaks at; the driver does not say."""
    reader = csv.reader(
        io.StringIO(body.decode("utf-8", "replace")),
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
    )
    try:
        for cells in reader:
            if len(cells) > width:
                return BadInput(
                    f"{len(cells)} cells in a line, but {width} headings",
                    place=Place(name, line=reader.line_num + first_line - 1),
                    hint="quote cells that hold the separator, or name every column",
                )
    except csv.Error:
        pass
    return BadInput(f"`{name}` is no well-formed CSV", hint="look for an open quote")

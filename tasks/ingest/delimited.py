"""Text files of separated cells."""

from __future__ import annotations

import csv
import gzip
import io
import zlib

import polars as pl

from configs.errors import BadInput, Place

_SEPARATORS = ",;\t|"
_ENCODINGS = ("utf-8-sig", "gb18030")
_GZIP = b"\x1f\x8b"


def read(content: bytes, name: str) -> tuple[pl.DataFrame, str]:
    r"""Read the cells of a CSV as text, plain or gzipped, in UTF-8, UTF-16 or GB18030.

    Parameters
    ----------
    content
        The file's bytes.
    name
        What to call it in messages.

    Returns
    -------
    tuple
        All cells as String, and what separates them: the most frequent of comma, semicolon, tab
        and bar in the line of headings.

    Raises
    ------
    BadInput
        If it is not text, damaged, malformed (the line is named), or has no rows.

    Examples
    --------
    >>> read(b"code;close\n000001;9,5\n", "x.csv")[0].row(0)
    ('000001', '9,5')
    """
    text = _decoded(_unzipped(content, name), name)
    first = text.partition("\n")[0]
    if not text.strip():
        raise BadInput(f"`{name}` is empty")
    separator = max(_SEPARATORS, key=first.count)
    try:
        # All cells stay text: 000001 is a symbol, not a number.
        frame = pl.read_csv(
            io.BytesIO(text.encode()), separator=separator, infer_schema=False, encoding="utf8"
        )
    except pl.exceptions.PolarsError as error:
        raise _malformed(text, separator, name, error) from error
    if frame.is_empty():
        raise BadInput(f"`{name}` has a line of headings but no rows")
    return frame, separator


def _unzipped(content: bytes, name: str) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise BadInput(
            f"`{name}` is a damaged gzip file: {error}",
            hint="perhaps it was not downloaded whole; fetch it again",
        ) from error


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n")
    raise BadInput(
        f"`{name}` is neither text nor Parquet", hint="give a CSV or a Parquet file of bars"
    )


def _malformed(text: str, separator: str, name: str, error: Exception) -> BadInput:
    """Find the line that a CSV breaks at; the driver does not say."""
    reason = str(error).splitlines()[0][:200]
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        width = len(next(reader))
        for cells in reader:
            if len(cells) > width:
                return BadInput(
                    f"{len(cells)} cells in a line, but {width} headings",
                    place=Place(name, line=reader.line_num),
                    hint="quote cells that hold the separator, or name every column",
                )
    except (csv.Error, StopIteration):
        pass
    return BadInput(f"`{name}` is no well-formed CSV: {reason}", hint="look for an open quote")

"""What stands between the cells of a text, and how they are quoted."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from tasks.ingest.files.cellkinds import kind
from tasks.ingest.files.grids import usual_width

DELIMITERS = ",;\t|"
_TOLD = re.compile(r"^\ufeff?\"?sep=(.)\"?\s*$", re.IGNORECASE)
_RULE = re.compile(r"^[\s|+:=_\-]*(?:-{3,}|={3,})[\s|+:=_\-]*$")
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Dialect:
    """How cells are written: `delimiter` is a blank where runs of blanks stand between them."""

    delimiter: str
    quote: str = '"'
    sure: bool = True


def tell(lines: list[str], *, told: str | None = None) -> Dialect:
    """Tell the delimiter that splits lines into the most cells that are times and numbers.

    Parameters
    ----------
    lines
        The first lines of a text.
    told
        The delimiter, where a spec names it.

    Examples
    --------
    >>> tell(["Datum;Schluss", "02.01.2020;97,25", "03.01.2020;98,5"]).delimiter
    ';'
    """
    looked_at = [line for line in lines if line.strip() and not is_rule(line)][:_LOOKED_AT]
    quote = _quote(looked_at)
    said = next((match[1] for line in looked_at[:2] if (match := _TOLD.match(line))), None)
    if told or said:
        return Dialect(told or said or ",", quote)
    scores = {each: _score(looked_at, each, quote) for each in DELIMITERS}
    best = max(DELIMITERS, key=scores.__getitem__)
    if scores[best] < 1.0 and _score_blanks(looked_at) >= 2.0:
        return Dialect(" ", quote, sure=False)
    if scores[best] <= 0:
        best = max(DELIMITERS, key=(looked_at or [""])[0].count)
    others = [scores[each] for each in DELIMITERS if each != best]
    return Dialect(best, quote, sure=scores[best] > 1.2 * max(others))


def says_delimiter(line: str) -> bool:
    """Whether a line only names the delimiter, as Excel writes it.

    Examples
    --------
    >>> says_delimiter("sep=;"), says_delimiter("date;close")
    (True, False)
    """
    return _TOLD.match(line) is not None


def is_rule(line: str) -> bool:
    """Whether a line is drawn between rows, as terminals and Markdown draw it.

    Examples
    --------
    >>> is_rule("+-----+------+"), is_rule("|:---|---:|"), is_rule("2020-01-02|-|-"), is_rule("-")
    (True, True, False, False)
    """
    return _RULE.match(line) is not None


def rows_of(lines: list[str], dialect: Dialect) -> tuple[list[list[str]], list[int]]:
    """Return the cells of lines, and the line (from 0) after which each row ends.

    A last row that an open quote makes run to the end of the lines is left out.
    """
    if dialect.delimiter == " ":
        return [split_blanks(line) for line in lines], list(range(1, len(lines) + 1))
    reader = csv.reader(
        (line + "\n" for line in lines), delimiter=dialect.delimiter, quotechar=dialect.quote
    )
    rows, ends = [], []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            ends.append(reader.line_num)
    except csv.Error:
        pass
    return rows, ends


def split_blanks(line: str) -> list[str]:
    """Return the cells between runs of blanks."""
    return line.split()


def _quote(lines: list[str]) -> str:
    single = sum(line.lstrip().startswith("'") and line.rstrip().endswith("'") for line in lines)
    return "'" if lines and single > 0.6 * len(lines) else '"'


def _score(lines: list[str], delimiter: str, quote: str) -> float:
    """Cells of a usual row that say something sensible, times the share of usual rows."""
    rows, _ = rows_of(lines, Dialect(delimiter, quote))
    width = usual_width(rows)
    if width < 2:
        return 0.0
    usual = [row for row in rows if len(row) == width]
    later = usual[-50:]
    sensible = sum(kind(cell) in {"time", "digits", "number"} for row in later for cell in row)
    return sensible / len(later) * len(usual) / max(len(rows), 1)


def _score_blanks(lines: list[str]) -> float:
    rows = [split_blanks(line) for line in lines]
    width = usual_width(rows)
    usual = [row for row in rows if len(row) == width]
    if width < 3 or len(usual) < 0.8 * len(rows):
        return 0.0
    later = usual[-50:]
    sensible = sum(kind(cell) in {"time", "digits", "number"} for row in later for cell in row)
    return sensible / len(later)

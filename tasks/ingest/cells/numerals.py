"""Which mark is the decimal one: told by all columns of a file together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import polars as pl

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from configs.errors import Place
    from tasks.ingest.understanding import Certainty

Mark = Literal[".", ","]

BLANKS = "[\\s\u00a0\u2009\u202f\u2007]"
APOSTROPHES = "['\u2019\u02bc`]"
_LOOKED_AT = 10_000
# A number without its sign, currency and suffix, as `core` leaves it.
_PLAIN = r"^\d*$"
_FORMS = {
    # mark: (certainly decimal, certainly thousands, either)
    ".": (r"^(?:\d*\.\d{1,2}|\d*\.\d{4,}|\d{4,}\.\d{3}|0*\.\d{3})$", r"^\d{1,3}(?:\.\d{3}){2,}$"),
    ",": (
        r"^(?:\d*,\d{1,2}|\d*,\d{4,}|\d{4,},\d{3}|0*,\d{3})$",
        r"^\d{1,3}(?:,\d{3}){2,}$|^\d{1,2}(?:,\d{2})+,\d{3}$",
    ),
}
_EITHER = {".": r"^[1-9]\d{0,2}\.\d{3}$", ",": r"^[1-9]\d{0,2},\d{3}$"}
_BOTH = {
    ".": r"^\d{1,3}(?:,\d{2,3})*,\d{3}\.\d*$",
    ",": r"^\d{1,3}(?:\.\d{3})+,\d*$",
}
_LETTERS = (
    "$€£¥￥₹₩₽₺元円원+-()%abcdefghijklmnopqrstuvwxyzабвгдежзийклмнопрстуфхцчшщъыьэюя万亿萬億千百"
)


@dataclass(frozen=True, slots=True)
class Decimal:
    """The decimal mark of a file.

    Parameters
    ----------
    mark
        `.` or `,`.
    certainty
        How it was told.
    why
        The cell, or the circumstance, that told it.
    """

    mark: Mark
    certainty: Certainty
    why: str = ""


def core(cell: pl.Expr) -> pl.Expr:
    """Return a cell's digits and marks: no sign, currency, suffix, blanks or apostrophes."""
    bare = cell.str.strip_chars().str.to_lowercase()
    bare = bare.str.replace(r"e[+-]?\d+$", "").str.strip_chars(_LETTERS + " \u00a0")
    bare = bare.str.replace(r"[^\d.,]*$", "")
    return bare.str.replace_all(f"(\\d){BLANKS}(\\d)", "${1}${2}").str.replace_all(
        f"(\\d){BLANKS}(\\d)", "${1}${2}"
    ).str.replace_all(f"(\\d){APOSTROPHES}(\\d)", "${1}${2}")  # fmt: skip


def decide(
    columns: Mapping[str, pl.Series],
    *,
    name: str,
    delimiter: str | None,
    told: Mark | None = None,
    place: Place | None = None,
    by_machine: bool = False,
    plain: Mapping[str, pl.Series] | None = None,
) -> Decimal:
    """Tell the decimal mark of a file by all its columns of numbers together.

    A cell as ``97,25`` or ``1.234,5`` tells it, and so does ``1.234.567``, wherever it stands.
    ``15.923`` alone does not: it may be fifteen or fifteen thousand.

    Parameters
    ----------
    columns
        Heading to cells as written; columns of numbers only.
    name
        The file's, for messages.
    delimiter
        What stands between its cells; None where they were stored apart.
    told
        `data.decimal`, where a spec says it.
    place
        Where the file's first row is, for messages.
    by_machine
        Whether its times are of minutes and seconds, which programs write, and people do not in
        the custom of their country.
    plain
        Heading to cells cast to Float64, null where they cannot be, of columns that were cast.

    Raises
    ------
    BadInput
        If cells contradict each other, or none tells.

    Examples
    --------
    >>> decide({"a": pl.Series(["15.923", "824"]), "b": pl.Series(["97,25"])}, name="x",
    ...        delimiter=";").mark
    ','
    """
    if told is not None:
        return Decimal(told, "told")
    cells = _marked(columns, plain or {})
    if cells.is_empty():
        return Decimal(".", "sure", "no cell has a mark")
    found = {mark: _evidence(cells, mark) for mark in _FORMS}
    if found["."] and found[","]:
        raise BadInput(
            f"the numbers of `{name}` contradict each other: {_shown(found['.'])} is written with a"
            f" decimal point, {_shown(found[','])} with a decimal comma",
            place=place,
            hint="write all numbers in one way; or name the mark under `data`, as `decimal: '.'`, "
            "and cells that are no such number count as missing",
        )
    for mark, evidence in found.items():
        if evidence:
            return Decimal(mark, "sure", _shown(evidence))  # type: ignore[arg-type]
    return _unsettled(cells, columns, name, delimiter if by_machine else None, place)


def _marked(columns: Mapping[str, pl.Series], cast: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Return the distinct cores of cells that have a mark, and the column each stands in.

    Of cells that are numbers as they stand, ``15.92`` say, as many as tell are enough: with a
    decimal comma such a cell would be left out as unreadable, never misread.
    """
    parts = []
    for heading, column in columns.items():
        if column.dtype != pl.String:
            continue
        cell = column.alias("cell")
        values = cast[heading] if heading in cast else cell.cast(pl.Float64, strict=False)
        plain = values.is_not_null()
        hard = cell.filter(~plain)
        hard = hard.filter(
            hard.str.contains(r"\d[\d\s'\x{2019}\x{a0}\x{202f}\x{2009}]*[.,]|[.,]\d")
        )
        easy = cell.filter(plain).head(_LOOKED_AT)
        if not _tells(easy):
            easy = cell.filter(plain)
        easy = easy.filter(easy.str.contains(".", literal=True)).unique(maintain_order=True)
        both = pl.concat([hard.unique(maintain_order=True), easy.head(_LOOKED_AT)]).to_frame()
        parts.append(
            both.with_columns(core=core(pl.col("cell")))
            .filter(pl.col("core").str.contains(r"^[\d.,]*\d[\d.,]*$"))
            .unique("core", maintain_order=True)
            .with_columns(heading=pl.lit(heading))
        )
    empty = pl.DataFrame(schema={"cell": pl.String, "core": pl.String, "heading": pl.String})
    return pl.concat([empty, *parts])


def _tells(easy: pl.Series) -> bool:
    told = easy.str.contains(r"^[+-]?(?:\d*\.\d{1,2}|\d*\.\d{4,}|\d{4,}\.\d{3}|0*\.\d{3})$")
    return bool(told.any()) or not easy.str.contains(".", literal=True).any()


def _evidence(cells: pl.DataFrame, mark: str) -> dict[str, str] | None:
    other = "," if mark == "." else "."
    tells = (
        pl.col("core").str.contains(_FORMS[mark][0])
        | pl.col("core").str.contains(_FORMS[other][1])
        | pl.col("core").str.contains(_BOTH[mark])
    )
    hit = cells.filter(tells).head(1)
    return dict(zip(hit.columns, hit.row(0), strict=True)) if hit.height else None


def _shown(cell: Mapping[str, str]) -> str:
    return f"`{cell['cell'].strip()}` in `{cell['heading']}`"


def _unsettled(
    cells: pl.DataFrame,
    columns: Mapping[str, pl.Series],
    name: str,
    delimiter: str | None,
    place: Place | None,
) -> Decimal:
    """Settle what digits alone do not: only numbers as 15.923 or 1,234 are there."""
    points = cells.filter(pl.col("core").str.contains(_EITHER["."]))
    commas = cells.filter(pl.col("core").str.contains(_EITHER[","]))
    if points.is_empty() and commas.is_empty():
        return Decimal(".", "sure", "no cell has a mark")
    if not points.is_empty() and not commas.is_empty():
        first, second = (_shown(each.row(0, named=True)) for each in (points, commas))
        raise _unclear(name, f"{first} beside {second}", place)
    if not commas.is_empty() and not _throughout(commas, columns):
        # Smaller numbers have no mark, larger ones have: so thousands are marked.
        return Decimal(".", "guessed", f"{_shown(commas.row(0, named=True))} as thousands")
    if delimiter in {",", "\t"} and _is_price_like(points, columns):
        return Decimal(".", "guessed", f"{_shown(points.row(0, named=True))} has three decimals")
    unclear = points if not points.is_empty() else commas
    raise _unclear(name, _shown(unclear.row(0, named=True)), place)


def _is_price_like(points: pl.DataFrame, columns: Mapping[str, pl.Series]) -> bool:
    """Whether at least three columns are written throughout with three decimals, as prices are.

    Where points part thousands, smaller numbers have none, and volumes have them too.
    """
    whole = 0
    for heading in points["heading"].unique():
        said = columns[heading].drop_nulls()
        whole += bool(said.str.strip_chars().str.contains(r"^[+-]?\d+\.\d{3}$").all())
    return whole >= 3


def _throughout(marked: pl.DataFrame, columns: Mapping[str, pl.Series]) -> bool:
    """Whether a column has the mark in every cell, as numbers with three decimals do."""
    for heading in marked["heading"].unique():
        said = columns[heading].drop_nulls().str.strip_chars()
        if said.filter(said.str.contains(r"\d")).str.contains(r"[.,]\d{3}\D*$").all():
            return True
    return False


def _unclear(name: str, what: str, place: Place | None) -> BadInput:
    return BadInput(
        f"in `{name}` nothing tells whether a mark parts thousands or decimals: {what}",
        place=place,
        hint="say which under `data`: `decimal: ','` if 1.234 is more than a thousand, "
        "`decimal: '.'` if it is a little more than one",
    )

"""Questions that can be explained from rows: which run they are about, and which fall. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable

FALLS: Final = re.compile(
    r"\b(draw-?downs?|fell|falls?|fallen|loss(es)?|lost|los(e|ing)|decline[ds]?|crash(ed)?|drop"
    r"(ped|s)?)\b|回撤|下跌|亏损|跌|亏",
    re.IGNORECASE,
)
YEAR: Final = re.compile(r"(?<!\d)(19|20)\d\d(?!\d)")
_HAN = re.compile(r"[㐀-鿿]")


class Asked(NamedTuple):
    """What a question is about."""

    study: str
    """A study's name, or `last`."""
    fall: bool
    year: int | None


def is_question(text: str) -> bool:
    """Whether a text is a question rather than an id.

    Examples
    --------
    >>> is_question("why did the drawdown of 2008 happen"), is_question("us_momentum")
    (True, False)
    """
    return " " in text.strip() or bool(_HAN.search(text)) or text.rstrip().endswith("?")


def read_question(text: str, studies: Iterable[str]) -> Asked:
    """Read a question.

    Raises
    ------
    BadInput
        If it names several years, for each is a question of its own.

    Examples
    --------
    >>> read_question("why did the drawdown of 2008 happen", ["us_momentum"])
    Asked(study='last', fall=True, year=2008)
    >>> read_question("us_momentum 的回撤", ["us_momentum"])
    Asked(study='us_momentum', fall=True, year=None)
    """
    years = {int(found[0]) for found in YEAR.finditer(text)}
    if len(years) > 1:
        raise BadInput(
            f"the question names {len(years)} years", hint="ask about one year at a time"
        )
    named = [study for study in studies if study in text]
    study = max(named, key=len, default="last")
    return Asked(study, bool(FALLS.search(text)), years.pop() if years else None)

"""Fields of bars that a study reads and its source does not have, said with a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, in_spec
from taskspecs.expressions import fields, parse
from taskspecs.features import all_expressions, expand
from taskspecs.fields import BAR_FIELDS

if TYPE_CHECKING:
    from collections.abc import Collection

    from taskspecs.schema import FeaturesSpec

STAND_INS = {
    "vwap": "($high + $low + $close) / 3",
    "amount": "$volume * ($high + $low + $close) / 3",
}
"""What is near to a field that files seldom have."""


def refuse_missing(spec: FeaturesSpec, known: Collection[str]) -> None:
    """Refuse features of fields that the bars do not have.

    Parameters
    ----------
    known
        Columns of the bars.

    Raises
    ------
    BadInput
        At the definition, or at the set that the feature is of; the hint has the line that puts
        another expression in its place.

    Examples
    --------
    >>> from taskspecs.schema import FeaturesSpec
    >>> refuse_missing(FeaturesSpec(sets=("alpha158",)), ["open", "high", "low", "close", "volume"])
    Traceback (most recent call last):
    ...
    configs.errors.BadInput: TaskSpec, key features.sets[0]: VWAP0 of the set `alpha158` reads \
$vwap, which the bars do not have
    say what stands in its place, as a line of features.define: \
VWAP0: (($high + $low + $close) / 3)/$close
    """
    have = frozenset(known)
    lacking = {
        name: sorted(gone)
        for name, text in all_expressions(spec).items()
        if (gone := (fields(parse(text)) & BAR_FIELDS) - have)
    }
    if lacking:
        name, missing = next(iter(lacking.items()))
        raise _missing(spec, name, missing, others=len(lacking) - 1)


def _missing(spec: FeaturesSpec, name: str, lacking: list[str], *, others: int) -> BadInput:
    also = f" (and so do {others:,} more)" if others else ""
    reads = f"reads {', '.join(f'${field}' for field in lacking)}{also}, which the bars do not have"
    instead = _instead(all_expressions(spec)[name], lacking)
    if name in spec.define:
        return BadInput(
            f"{name} {reads}", place=in_spec(f"features.define.{name}"),
            hint=f"write {name}: {instead}" if instead else "load a file with that column",
        )  # fmt: skip
    at, owner = next((at, each) for at, each in enumerate(spec.sets) if name in expand(spec, each))
    line = f"as a line of features.define: {name}: {instead}"
    return BadInput(
        f"{name} of the set `{owner}` {reads}", place=in_spec(f"features.sets[{at}]"),
        hint=f"say what stands in its place, {line}" if instead else "load a file with that column",
    )  # fmt: skip


def _instead(text: str, lacking: list[str]) -> str | None:
    """Write an expression without the fields that are lacking, where something is near to them."""
    if any(field not in STAND_INS for field in lacking):
        return None
    for field in lacking:
        text = text.replace(f"${field}", f"({STAND_INS[field]})")
    return text

"""Named sets of expressions, looked up by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, did_you_mean
from taskspecs.expressions.sets import alpha101, alpha158, alpha360, kbar

if TYPE_CHECKING:
    from collections.abc import Callable

SETS: Final[dict[str, Callable[[], dict[str, str]]]] = {
    "alpha101": alpha101.expressions,
    "alpha158": alpha158.expressions,
    "alpha360": alpha360.expressions,
    "kbar": kbar.expressions,
}
"""Every shipped set and the function that writes it out."""


def expand(name: str) -> dict[str, str]:
    """Write out a named set.

    Parameters
    ----------
    name
        One of `SETS`.

    Returns
    -------
    dict
        Feature name to expression, in the set's own order.

    Raises
    ------
    BadInput
        For a name that is not there, with near matches.

    Examples
    --------
    >>> expand("kbar")["KMID"]
    '($close-$open)/$open'
    """
    if name not in SETS:
        raise BadInput(f"there is no feature set '{name}'", hint=did_you_mean(name, SETS))
    return SETS[name]()

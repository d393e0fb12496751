"""Named sets of expressions, looked up by name."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from configs.errors import BadInput, did_you_mean

SETS: Final[dict[str, str]] = {
    "alpha101": "taskspecs.expressions.sets.alpha101",
    "alpha158": "taskspecs.expressions.sets.alpha158",
    "alpha360": "taskspecs.expressions.sets.alpha360",
    "kbar": "taskspecs.expressions.sets.kbar",
}
"""Every shipped set and the module whose ``expressions`` writes it out."""


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
    expressions: dict[str, str] = import_module(SETS[name]).expressions()
    return expressions

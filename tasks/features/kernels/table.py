"""Kernels by the names that plans use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tasks.features.kernels import (
    columns,
    decays,
    doubling,
    expanding,
    moments,
    orders,
    places,
    presence,
    regressions,
    shifts,
    walks,
)

if TYPE_CHECKING:
    from collections.abc import Callable

UFUNCS: Final[dict[str, np.ufunc]] = {
    "Abs": np.absolute,
    "Add": np.add,
    "And": np.bitwise_and,
    "Div": np.divide,
    "Eq": np.equal,
    "Ge": np.greater_equal,
    "Greater": np.maximum,
    "Gt": np.greater,
    "Le": np.less_equal,
    "Less": np.minimum,
    "Log": np.log,
    "Lt": np.less,
    "Mul": np.multiply,
    "Ne": np.not_equal,
    "Neg": np.negative,
    "Not": np.bitwise_not,
    "Or": np.bitwise_or,
    "Sub": np.subtract,
}
"""Row by row, with numpy's own arithmetic: the types and roundings that qlib has."""

_MODULES: Final = (
    columns, decays, doubling, expanding, moments, orders, places, presence, regressions, shifts,
    walks,
)  # fmt: skip

KERNELS: Final[dict[str, Callable[..., None]]] = {
    name: function
    for module in _MODULES
    for name, function in sorted(vars(module).items())
    if callable(function)
    and not name.startswith("_")
    and getattr(function, "__module__", None) == module.__name__
}
"""Everything that needs the bounds of symbols, called as `kernel(out, *operands, bounds)`."""


def find(name: str) -> Callable[..., Any]:
    """Look a kernel up; a name that is not there is a defect of the plan."""
    return UFUNCS[name] if name in UFUNCS else KERNELS[name]

"""Columns made without a loop of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def constant_one(out: NDArray[Any], bounds: NDArray[np.int64]) -> None:  # noqa: ARG001
    """Write ones."""
    out.fill(1)


def constant_zero(out: NDArray[Any], bounds: NDArray[np.int64]) -> None:  # noqa: ARG001
    """Write zeros."""
    out.fill(0)


def convert(out: NDArray[Any], x: NDArray[Any], bounds: NDArray[np.int64]) -> None:  # noqa: ARG001
    """Write `x` in the type of `out`."""
    np.copyto(out, x, casting="unsafe")


def sign(out: NDArray[Any], x: NDArray[Any], bounds: NDArray[np.int64]) -> None:  # noqa: ARG001
    """Write the sign of `x` rounded to 32 bits, as qlib does."""
    np.copyto(out, x, casting="unsafe")
    np.sign(out, out=out)


def choose(
    out: NDArray[Any],
    condition: NDArray[Any],
    a: NDArray[Any] | float,
    b: NDArray[Any] | float,
    bounds: NDArray[np.int64],  # noqa: ARG001
) -> None:
    """Take `a` where the condition is not zero (NaN is not), otherwise `b`."""
    np.copyto(out, b, casting="unsafe")
    np.copyto(out, a, casting="unsafe", where=condition != 0)


def power(
    out: NDArray[Any],
    a: NDArray[Any] | float,
    b: NDArray[Any] | float,
    bounds: NDArray[np.int64],  # noqa: ARG001
) -> None:
    """Raise `a` to `b` by the operator, which squares and takes roots where the ufunc does not."""
    np.copyto(out, a**b, casting="unsafe")

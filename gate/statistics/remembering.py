"""Statistics of a whole family: worked out once, though each of its strategies asks for them."""

from __future__ import annotations

from functools import lru_cache, wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Options = ParamSpec("Options")
Found = TypeVar("Found")

MOST = 4
"""Answers that are kept for each function; each may be as large as its question."""


class _Bytes:
    """An array that is equal to another of the same shape and bytes."""

    __slots__ = ("array", "digest")

    def __init__(self, array: Floats) -> None:
        self.array = array
        self.digest = (array.shape, sha256(np.ascontiguousarray(array).data).digest())

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bytes) and self.digest == other.digest


def remembered(
    work: Callable[Concatenate[Floats, Options], Found],
) -> Callable[Concatenate[Floats, Options], Found]:
    """Make a pure function of an array give the answer that it gave to equal bytes before.

    Parameters
    ----------
    work
        Its first argument is an array of floats, the others are hashable.

    Returns
    -------
    Callable
        The same, which keeps its newest answers in this process.

    Notes
    -----
    Look-ahead: as of `work`.

    Examples
    --------
    >>> asked = []
    >>> mean = remembered(lambda values: asked.append(1) or float(values.mean()))
    >>> mean(np.array([1.0, 3.0])), mean(np.array([1.0, 3.0])), len(asked)
    (2.0, 2.0, 1)
    """

    @lru_cache(maxsize=MOST)
    def once(question: _Bytes, *options: Any, **named: Any) -> Found:
        return work(question.array, *options, **named)

    @wraps(work)
    def ask(array: Floats, /, *options: Options.args, **named: Options.kwargs) -> Found:
        return once(_Bytes(array), *options, **named)  # type: ignore[arg-type]  # plain values

    return ask

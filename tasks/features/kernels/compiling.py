"""How every kernel is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from configs.endpoints.foreign_settings import numba

if TYPE_CHECKING:
    from collections.abc import Callable

Kernel = TypeVar("Kernel", bound="Callable[..., object]")


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel at its first call and release the GIL while it runs.

    Machine code is kept beside the source, or in the user's cache folder. A division by zero gives
    an infinity or NaN. Reordering of arithmetic stays off: equal bytes matter more than speed.
    """
    options = {"nogil": True, "error_model": "numpy", "boundscheck": False, "fastmath": False}
    compiler: Any = numba().njit
    try:
        kernel: Kernel = compiler(cache=True, **options)(function)
    except RuntimeError:  # no folder can be written: compile anew in every process
        kernel = compiler(**options)(function)
    return kernel

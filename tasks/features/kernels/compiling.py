"""How every kernel is compiled, and when its machine code is too old to be used."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from configs.endpoints.foreign_settings import numba

if TYPE_CHECKING:
    from collections.abc import Callable

Kernel = TypeVar("Kernel", bound="Callable[..., object]")

DIGITS: Final = 16
KEPT: Final = ("nbi", "nbc")
"""Endings of files with machine code: an index, and what it names."""


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel at its first call and release the GIL while it runs.

    Machine code is kept beside the source, or in the user's cache folder. A division by zero gives
    an infinity or NaN. Reordering of arithmetic stays off: equal bytes matter more than speed.
    """
    options = {"nogil": True, "error_model": "numpy", "boundscheck": False, "fastmath": False}
    compiler: Any = numba().njit
    digest = _digest_of(function.__module__)
    try:
        kernel: Any = compiler(cache=digest is not None, **options)(function)
    except RuntimeError:  # no folder can be written: compile anew in every process
        return compiler(**options)(function)  # type: ignore[no-any-return]
    if digest is not None:
        _keep_for(kernel, digest)
    return kernel  # type: ignore[no-any-return]


@cache
def _digest_of(module: str) -> str | None:
    """Return the digest of all code that a kernel's module reaches; None where there is no telling.

    Numba looks at a kernel's own file alone. Machine code holds what it calls and the constants of
    other modules, too: with a change there it would go on computing what the code says no more.
    """
    from configs.errors import QraftError
    from tasks.dag.code.closure import own_code
    from tasks.dag.code.tree import PACKAGES

    if module.partition(".")[0] not in PACKAGES:
        return ""
    try:
        return own_code().of((module,), {}, without=()).digest[:DIGITS]
    except QraftError:
        return None


def _keep_for(kernel: Any, digest: str) -> None:
    """Keep a kernel's machine code under the digest of its code, and drop that of other code."""
    from numba.core.caching import IndexDataCacheFile

    cache = kernel._cache  # noqa: SLF001 - numba has no other way to say when code is too old
    base, folder = cache._impl.filename_base, Path(cache._cache_path)  # noqa: SLF001
    kept: Any = IndexDataCacheFile(  # type: ignore[no-untyped-call]
        cache_path=str(folder), filename_base=f"{base}-{digest}", source_stamp=digest
    )
    cache._cache_file = kept  # noqa: SLF001
    if not Path(kept._index_path).exists():  # noqa: SLF001
        for ending in KEPT:
            for old in folder.glob(f"{escape(base)}[-.]*{ending}"):
                with suppress(OSError):
                    old.unlink()

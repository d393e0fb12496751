"""Settings that libraries read from the current folder, which is anybody's; they do not count."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

NOWHERE: Final = "/"
"""A folder that only the machine's administrator writes to."""
_TURN = threading.RLock()


@contextlib.contextmanager
def nowhere() -> Iterator[None]:
    """Stand in a folder that holds nobody's settings, for a moment; one thread at a time.

    For the import or the start of a library that reads a file by its bare name: ClickHouse takes a
    `config.xml`, which may name programs to run.
    """
    with _TURN, contextlib.chdir(NOWHERE):
        yield


def numba() -> Any:
    """Import Numba without the `.numba_config.yaml` of the current folder, now and later.

    That file may say where compiled code is loaded from. Numba looks for it again at each
    compilation, by a name that is taken away here.
    """
    with nowhere():
        import numba as library
        from numba.core import config

        config._config_fname = ""  # noqa: SLF001 - there is no public way
    return library

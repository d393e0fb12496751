"""The embedded warehouse: ClickHouse within this process, on a folder.

The engine lets one process at a time into a folder, one folder at a time into a process, and hangs
in a process forked from one that used it. So it is opened for as long as rows are moved and no
longer, under a lock that others wait for.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from configs.endpoints.foreign_settings import nowhere
from configs.errors import Busy, Failed
from storage.locks import busy, hold
from storage.warehouse.clickhouse import ClickHouseWarehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from storage.warehouse.port import Warehouse

DATABASE = "qraft"
WHAT = "the warehouse"


class _Engine:
    """The one engine of a process: the turn to use it, and the process that started it."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: int | None = None

    @contextmanager
    def use(self, timeout_s: float) -> Iterator[None]:
        if self._process not in {None, os.getpid()}:
            raise Failed(
                "the warehouse cannot be used in a process forked from one that has used it",
                hint="start worker processes by spawn or forkserver, or before the first use",
            )
        if not self._turn.acquire(timeout=timeout_s):
            raise busy(WHAT, timeout_s)
        try:
            self._process = os.getpid()
            yield
        finally:
            self._turn.release()


_ENGINE = _Engine()


@contextmanager
def open_chdb(
    path: Path, *, lock_timeout_s: float, on_wait: Callable[[str], None] | None = None
) -> Iterator[Warehouse]:
    """Open the warehouse in a folder, made if it is not there, for a moment.

    Never keep it open while something is computed, and never fork while it is open: other commands
    of the workspace wait for it.

    Parameters
    ----------
    path
        The folder; its lock file stands beside it.
    lock_timeout_s
        Seconds to wait for another process, or another thread of this one.
    on_wait
        Called once, with a sentence, if another process must be waited for.

    Raises
    ------
    Busy
        If the warehouse stays in use.
    Failed
        If the folder cannot be opened, or this process was forked from one that used the engine.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f"{path.name}.lock")
    with (
        _ENGINE.use(lock_timeout_s),
        hold(lock, what=WHAT, timeout_s=lock_timeout_s, on_wait=on_wait),
    ):
        client = _connect(path)
        try:
            yield ClickHouseWarehouse(client, stale_after_s=0)
        finally:
            client.close()


def _connect(path: Path) -> Any:
    import clickhouse_connect
    from clickhouse_connect.driver.exceptions import ClickHouseError

    folder = path.absolute()
    try:
        with nowhere():  # the engine takes a `config.xml` from where it is started
            client = clickhouse_connect.get_client(interface="chdb", path=str(folder))
        client.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    except ClickHouseError as error:
        if "lock" in str(error):
            raise Busy(f"another program has opened the warehouse {path}") from error
        raise Failed(
            f"the warehouse {path} cannot be opened",
            hint=f"{str(error).partition(chr(10))[0]}\n"
            "it holds nothing that the lake does not: it may be deleted and is made again",
        ) from error
    client.database = DATABASE
    return client

"""Some worker processes, each made anew when it has run often, or died.

Not `ProcessPoolExecutor` nor loky: there one process that is killed breaks the pool, and with it
the runs of all the others. Here its own run is answered, at once, as one that crashed.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Self

from agent.road.runner.worker import CRASHED, READY, Answer, Request, answer, serve
from configs.children import protect_children

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnProcess

MOST_RUNS = 50
"""The embedded warehouse leaves some threads and files behind each time it is opened."""
WARM_S = 120.0
LEAVE_S = 5.0


class RunPool:
    """Runs studies in processes of their own.

    Parameters
    ----------
    size
        How many run at once.
    run
        What a process does with a request; a function that can be imported.
    """

    def __init__(self, size: int, run: Callable[[Request], Answer] = answer) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="run")
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._size = size
        self._run_request = run

    def __enter__(self) -> Self:
        """Start the processes, so that the first request finds one warm."""
        self._idle = [Worker(self._run_request) for _ in range(self._size)]
        for worker in self._idle:
            worker.wait_until_warm()
        return self

    def __exit__(self, *_: object) -> None:
        """Let what runs finish, and end the processes."""
        self._threads.shutdown(wait=True)
        for worker in self._idle:
            worker.end()

    def submit(self, request: Request) -> Future[Answer]:
        """Run a study as soon as a process is free."""
        return self._threads.submit(self._run, request)

    def _run(self, request: Request) -> Answer:
        worker = self._take()
        answered = worker.run(request)
        if not worker.alive() or worker.runs >= MOST_RUNS:
            worker.end()
            worker = Worker(self._run_request)
        with self._lock:
            self._idle.append(worker)
        return answered

    def _take(self) -> Worker:
        """Return a process that lives: one that was killed while it was idle runs nothing."""
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive():
                    return worker
                worker.end()
        return Worker(self._run_request)


class Worker:
    """One process, started afresh: one forked from a process that used Polars would hang."""

    def __init__(self, run: Callable[[Request], Answer] = answer) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, run), daemon=True)
        protect_children()
        self._process.start()
        theirs.close()
        self._ended = _ending(self._process)
        self._warm = False
        self.runs = 0

    @property
    def pid(self) -> int | None:
        """Of the process."""
        return self._process.pid

    def wait_until_warm(self) -> None:
        """Wait until all is imported; a process that does not come up is told by :meth:`run`."""
        if not self._warm:
            try:
                self._warm = self._hear(WARM_S) == READY
            except (EOFError, OSError):
                self._warm = False

    def run(self, request: Request) -> Answer:
        """Run a study; a process that dies on the way is an answer, too."""
        self.runs += 1
        try:
            self.wait_until_warm()
            if not self._warm:
                return self._crashed()
            self._connection.send(request)
            heard = self._hear(None)
        except (EOFError, OSError):
            return self._crashed()
        return heard if isinstance(heard, Answer) else self._crashed()

    def alive(self) -> bool:
        """Whether it can be asked again."""
        return self._process.is_alive()

    def end(self) -> None:
        """Hang up, and wait for it to leave."""
        self._connection.close()
        self._leave()
        os.close(self._ended)

    def _hear(self, timeout_s: float | None) -> object:
        """Return what it says next; its end is noticed though its children keep the pipe open."""
        heard = wait([self._connection, self._ended], timeout_s)
        if self._connection not in heard and not self._connection.poll(0):
            raise EOFError("it has ended" if heard else "it does not come up")
        return self._connection.recv()

    def _leave(self) -> None:
        """Wait until it has left; one that says nothing that can be understood is killed."""
        if self._ended not in wait([self._ended], LEAVE_S):
            self._process.kill()
        self._process.join()

    def _crashed(self) -> Answer:
        self._leave()
        ended = f"the process of the run ended with {self._process.exitcode}"
        return Answer(1, error=ended, kind=CRASHED)


def _ending(process: SpawnProcess) -> int:
    """Return a file number, to be closed, that can be read once a process has ended.

    The sentinel of multiprocessing is a pipe: children that the process leaves behind hold on to
    it. A process itself is told of by the system where that can do so.
    """
    if process.pid is not None and hasattr(os, "pidfd_open"):
        with suppress(OSError):
            return os.pidfd_open(process.pid)
    return os.dup(process.sentinel)

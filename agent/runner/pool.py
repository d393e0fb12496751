"""Some worker processes, each made anew when it has run often, or died."""

from __future__ import annotations

import multiprocessing
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from agent.runner.worker import CRASHED, READY, Answer, Request, serve
from configs.children import protect_children

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

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
    """

    def __init__(self, size: int) -> None:
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="run")
        self._idle: list[Worker] = []
        self._lock = threading.Lock()
        self._size = size

    def __enter__(self) -> Self:
        """Start the processes, so that the first request finds one warm."""
        self._idle = [Worker() for _ in range(self._size)]
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
        with self._lock:
            worker = self._idle.pop() if self._idle else Worker()
        answer = worker.run(request)
        if not worker.alive() or worker.runs >= MOST_RUNS:
            worker.end()
            worker = Worker()
        with self._lock:
            self._idle.append(worker)
        return answer


class Worker:
    """One process, started afresh: one forked from a process that used Polars would hang."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs,), daemon=True)
        protect_children()
        self._process.start()
        theirs.close()
        self._warm = False
        self.runs = 0

    def wait_until_warm(self) -> None:
        """Wait until all is imported."""
        if not self._warm:
            self._warm = _heard(self._connection, WARM_S) == READY

    def run(self, request: Request) -> Answer:
        """Run a study; a process that dies on the way is an answer, too."""
        self.runs += 1
        try:
            self.wait_until_warm()
            self._connection.send(request)
            answer: Answer = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(LEAVE_S)
            ended = f"the process of the run ended with {self._process.exitcode}"
            return Answer(1, error=ended, kind=CRASHED)
        return answer

    def alive(self) -> bool:
        """Whether it can be asked again."""
        return self._process.is_alive()

    def end(self) -> None:
        """Hang up, and wait for it to leave."""
        self._connection.close()
        self._process.join(LEAVE_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def _heard(connection: Connection, timeout_s: float) -> object:
    if not connection.poll(timeout_s):
        raise EOFError("it does not come up")
    return connection.recv()

"""How Qraft uses Luigi: by its own settings alone, and only for tasks that it asked for itself.

Luigi reads `luigi.cfg` from the current folder and `/etc/luigi`, and its worker imports whatever
module a scheduler names for a task that it does not know. Both would let a file, or whoever reaches
a scheduler, run code in a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from luigi.configuration import LuigiConfigParser
from luigi.rpc import RemoteScheduler, RPCError
from luigi.worker import Worker
from requests.auth import AuthBase

from configs.children import OWN_SETTINGS
from tasks.scheduler.access import API, OPEN, token_of

if TYPE_CHECKING:
    from collections.abc import Container

    from luigi.worker import GetWorkResponse
    from requests import PreparedRequest


def use_own_settings() -> None:
    """Read Qraft's settings of Luigi, and forget what was read from elsewhere."""
    parser: Any = LuigiConfigParser
    if parser._config_paths != [str(OWN_SETTINGS)]:  # noqa: SLF001 - there is no public way
        parser._config_paths = [str(OWN_SETTINGS)]  # noqa: SLF001
        parser._instance = None  # noqa: SLF001


def remote_scheduler(url: str, *, answer_s: float | None = None) -> Any:
    """Return a client of a scheduler; a workspace's own is shown the token that it asks for.

    The token goes to no other address: redirects are not followed, and proxies and `.netrc` are
    left out on this machine.
    """
    use_own_settings()
    client: Any = RemoteScheduler(url, connect_timeout=answer_s)  # its methods are made at run time
    session = client._fetcher.session  # noqa: SLF001 - there is no public way
    session.max_redirects = 0
    if (token := token_of(url)) is not None:
        session.trust_env = False
        session.auth = _Bearer(token)
    return client


def entry_link(url: str) -> str:
    """Return a link that lets one browser act on the pages of a workspace's own scheduler, once.

    Of a scheduler that was not started here, its address.
    """
    if token_of(url) is None:
        return url
    client = remote_scheduler(url)
    client._rpc_retry_attempts = 1  # noqa: SLF001 - a person waits
    try:
        return f"{url}/?{OPEN}={client._request(f'{API}{OPEN}', {})}"  # noqa: SLF001
    except RPCError:
        return url
    finally:
        client.close()


class _Bearer(AuthBase):
    """Shows a token with each request."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class OwnTasksWorker(Worker):
    """A worker that runs what it scheduled itself, and nothing that a scheduler names."""

    def _get_work(self) -> GetWorkResponse:
        """Ask for work; a task of ours that is to be loaded by its module counts as none."""
        asked, self._scheduler = self._scheduler, _Known(self._scheduler, self._scheduled_tasks)
        try:
            return super()._get_work()  # type: ignore[no-any-return, no-untyped-call]
        finally:
            self._scheduler = asked


class _Known:
    """A scheduler as a worker hears it that takes no task which it did not name itself.

    Parameters
    ----------
    scheduler
        The real one.
    known
        The tasks that the worker scheduled, by their ids.
    """

    def __init__(self, scheduler: Any, known: Container[str]) -> None:
        self._scheduler = scheduler
        self._known = known

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scheduler, name)

    def get_work(self, **question: Any) -> dict[str, Any]:
        """Ask for work, and strike out what would be imported by a name from elsewhere."""
        answer: dict[str, Any] = self._scheduler.get_work(**question)
        task_id = answer.get("task_id")
        if "batch_id" not in answer and (task_id is None or task_id in self._known):
            return answer
        without = {"task_id", "task_family", "task_module", "task_params", "batch_id",
                   "batch_task_ids"}  # fmt: skip
        return {**{k: v for k, v in answer.items() if k not in without}, "task_id": None}

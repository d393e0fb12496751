"""Health: what is wrong here and what mends it, whether runs can be begun, and what ran."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from agent.service.model import Model, RemedyTold

if TYPE_CHECKING:
    from agent.service.service import Service


class Finding(Model):
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "note", "wrong"]
    """``note``: worth knowing, and nothing to mend."""
    found: str
    mend: str | None
    """What mends it, in words."""
    remedies: list[RemedyTold]
    """What mends it, by name."""


class WorkspaceTold(Model):
    """Where this is, and which stores its settings name; no secret among it."""

    root: str
    version: str
    stores: dict[str, str]
    """Store to its URL."""
    model: str | None
    """The language model of the settings."""


class Readiness(Model):
    """Whether runs can be begun and recorded."""

    ready: bool
    stores: dict[str, str]
    """Store to what is wrong with it; empty where nothing is."""


class RunningProcess(Model):
    """A process of Qraft's that runs for this workspace."""

    name: str
    """``up``, or ``run`` for one that was started."""
    pid: int | None
    about: str
    parts: dict[str, dict[str, Any]]
    """What is known of the parts of a ``qraft up``."""


class Inbox(Model):
    """How events stand."""

    waiting: int
    running: int
    dead: dict[str, int]
    """Dead letters by their kind."""
    oldest_waiting_s: float | None
    failing: dict[str, int]
    """Study to how many of its runs failed in a row."""
    untold: int
    listeners: int
    connected: bool | None


def describe_workspace(service: Service) -> WorkspaceTold:
    """Say where this is, and which stores it uses."""
    from importlib.metadata import version

    from configs.endpoints.url import without_secrets

    settings = service.settings
    urls = ("lake", "warehouse", "events", "index", "scheduler", "telemetry")
    return WorkspaceTold(
        root=str(service.workspace.root),
        version=version("qraft"),
        stores={name: without_secrets(getattr(settings, name)) for name in urls},
        model=settings.llm.model,
    )


def check_up(service: Service, *, deep: bool = False) -> list[Finding]:
    """Look at this machine and this workspace; changes nothing.

    Parameters
    ----------
    deep
        Read every byte of every result.
    """
    from agent.checkup.examination import examine

    return [
        Finding(
            what=each.what,
            state=each.state,
            found=each.found,
            mend=each.mend,
            remedies=[RemedyTold.model_validate(one.document()) for one in each.remedies],
        )
        for each in examine(service, deep=deep)
    ]


def readiness(service: Service) -> Readiness:
    """Ask every store that a run needs, in its own protocol; takes seconds where one is away."""
    from agent.checkup.servers import READINESS

    stores = {name: _asked(partial(ask, service)) for name, ask in READINESS.items()}
    return Readiness(ready=not any(stores.values()), stores=stores)


def list_processes(service: Service) -> list[RunningProcess]:
    """Return the processes that run for this workspace: `qraft up`, and runs that were started."""
    from agent.checkup.questions import Silence, get
    from agent.road.supervision.announcing import find_running
    from agent.service.runs.apart import list_started

    found = []
    if up := find_running(service.workspace):
        parts: dict[str, dict[str, Any]] = {}
        with suppress(Silence, ValueError, KeyError):
            parts = json.loads(get(f"{up.url}/healthz")[1])["parts"]
        found.append(RunningProcess(name="up", pid=up.pid, about=up.url, parts=parts))
    running = [each for each in list_started(service) if each.state == "running"]
    found += [
        RunningProcess(name="run", pid=None, about=f"{each.study} ({each.id})", parts={})
        for each in running
    ]
    return found


def read_log(service: Service, *, event: str = "", limit: int = 100) -> list[dict[str, Any]]:
    """Return the newest lines of the workspace's telemetry, the newest last.

    Parameters
    ----------
    event
        Only of this kind, as ``run`` or ``stage``; default any.
    """
    from storage.telemetry.lines import newest

    return newest(service.workspace, event=event, limit=limit)


def show_inbox(service: Service) -> Inbox | None:
    """Return how events stand; none where nothing keeps them yet."""
    from storage.events.boxes import state_in

    state = state_in(service.workspace.home / "events")
    if state is None:
        return None
    return Inbox(
        waiting=state.waiting, running=state.running, dead=state.dead,
        oldest_waiting_s=state.oldest_waiting_s, failing=state.failing, untold=state.untold,
        listeners=state.listeners, connected=state.connected,
    )  # fmt: skip


def read_metrics(service: Service) -> str | None:
    """Return what `qraft up` tells Prometheus; none where none runs, or it does not answer."""
    from agent.checkup.questions import Silence, get
    from agent.road.supervision.announcing import find_running

    up = find_running(service.workspace)
    if up is None:
        return None
    try:
        status, body = get(f"{up.url}/metrics")
    except Silence:
        return None
    return body.decode() if status == 200 else None


def _asked(ask: Any) -> str:
    from configs.errors import QraftError
    from configs.faults import as_errors

    try:
        with as_errors():
            return str(ask())
    except QraftError as error:
        return error.what

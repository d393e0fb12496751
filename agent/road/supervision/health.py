"""What is alive and what is ready, for a person, a monitor or a restarter."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from agent.road.supervision.children import reap, troubled_children
from agent.road.supervision.part import living
from configs.output import talk

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Mapping

    from configs.output import Talk

LOOK_S = 1.0
STALE_S = 90.0
"""What was found of a store so long ago is not known any more."""


class Stores:
    """What was last found of each store that must be reachable.

    Parameters
    ----------
    probes
        What to ask, by store: a sentence on what is wrong, or nothing.
    every_s
        Seconds between two rounds.
    """

    def __init__(self, probes: Mapping[str, Callable[[], str]], *, every_s: float = 15.0) -> None:
        self.names = tuple(probes)
        self._probes = probes
        self._every_s = every_s
        self._found: dict[str, tuple[float, str]] = {}

    def look(self, stop: threading.Event) -> None:
        """Ask again and again, until told to stop."""
        while not stop.is_set():
            for name, probe in self._probes.items():
                self._found[name] = time.monotonic(), probe()
                stop.is_set()  # a sign of life after each
            stop.wait(self._every_s)

    def troubles(self) -> dict[str, str]:
        """Return what is wrong, by store; an empty sentence where nothing is."""
        now = time.monotonic()
        troubles = {}
        for name in self.names:
            at, said = self._found.get(name, (now, "not asked yet"))
            troubles[name] = said if now - at < STALE_S else f"not heard for {now - at:.0f} s"
        return troubles


class Health:
    """The state of this process's parts, children and stores.

    Parameters
    ----------
    stores
        What readiness rests on, beside the parts.
    """

    def __init__(self, stores: Stores, *, say: Talk = talk) -> None:
        self.stopping = False
        self._stores = stores
        self._say = say
        self._began = time.time()
        self._said: dict[str, str] = {}

    def alive(self) -> tuple[bool, dict[str, Any]]:
        """Return whether every part lives, and what is known of each."""
        parts = self._parts()
        children = troubled_children()
        well = not any(part["trouble"] for part in parts.values()) and not children
        body = {
            "status": "stopping" if self.stopping else "ok" if well else "failing",
            "pid": os.getpid(),
            "up_s": round(time.time() - self._began, 1),
            "parts": parts,
            "children": {str(pid): state for pid, state in children.items()},
        }
        return well, body

    def ready(self) -> tuple[bool, dict[str, Any]]:
        """Return whether runs can be begun and recorded, and what stands against it."""
        well, body = self.alive()
        stores = self._stores.troubles()
        ready = well and not self.stopping and not any(stores.values())
        body["status"] = "ready" if ready else "not ready"
        return ready, body | {"stores": {name: said or "ok" for name, said in stores.items()}}

    def watch(self, stop: threading.Event) -> None:
        """Say what becomes wrong and what is right again, until told to stop."""
        while not stop.wait(LOOK_S):
            reap()
            for said, level in self._news():
                self._say(said, level)
        self.stopping = True

    def store_troubles(self) -> dict[str, str]:
        """Return what is wrong with each store."""
        return self._stores.troubles()

    def _parts(self) -> dict[str, dict[str, Any]]:
        return {
            part.name: {
                "state": part.state,
                "trouble": part.trouble(),
                "silent_s": round(part.pulse.silent_s(), 1),
                "restarts": part.restarts,
                "crash_loop": part.in_crash_loop(),
                "last_error": part.error,
            }
            for part in living()
        }

    def _news(self) -> Iterator[tuple[str, Any]]:
        """Yield what is new: a part that hangs or a store that is away, and the end of it."""
        hangs = {
            part.name: "hangs" if part.trouble().startswith("it hangs") else "" for part in living()
        }
        children = {f"child process {pid}": said for pid, said in troubled_children().items()}
        asked = {n: s for n, s in self._stores.troubles().items() if s != "not asked yet"}
        now = {**hangs, **children, **asked}
        for name in {**self._said, **now}:
            before, said = self._said.get(name, ""), now.get(name, "")
            if said and not before:
                yield f"{name}: {said}", "error"
            elif before and not said:
                yield f"{name}: well again", "info"
        self._said = now

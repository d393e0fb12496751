"""Listen to events and run the studies that they wake, each exactly once for each event."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.runner.worker import Request
from agent.triggers.dropped import to_event
from agent.triggers.matching import path_of, wakes, would_loop
from configs.errors import BadInput, Unreachable
from storage.events.envelope import EVENTS, FILES, Event, from_bytes

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from agent.runner.worker import Answer
    from agent.studies import Study
    from agent.triggers.memory import Memory
    from storage.events.port import Bus, Delivery, Subscription

CHANNEL = "studies"
DEAD = "qraft.events.dead"
LEASE_S = 60.0
IN_FLIGHT = 500
WAIT_S = 0.1
ATTEMPTS = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
BAD_INPUT = 2
READERS: dict[str, Callable[[bytes], Event]] = {EVENTS: from_bytes, FILES: to_event}
"""The topics that are listened to, and how what comes there is read."""


@dataclass
class Held:
    """A message that is ours until every study that it wakes has run."""

    event: Event
    delivery: Delivery
    waiting: set[str] = field(default_factory=set)
    failed: bool = False


@dataclass
class Job:
    """A run that one or more events ask for."""

    study: Study
    due: float
    events: list[Event] = field(default_factory=list)


class Listener:
    """Runs studies for the events that match their triggers.

    An event is settled when all studies that it wakes have run, and noted in `memory` for each of
    them, so that its repetition, or a listener that was killed, runs none of them twice. One study
    never runs twice at once; a burst of events within a trigger's `debounce_s` is one run.

    Parameters
    ----------
    bus
        Where events come from, and where those go that cannot be handled.
    studies
        Those with triggers.
    submit
        Starts a run.
    memory
        What was handled.
    say
        Told, in a sentence, what happens.
    concurrency
        Runs at once.
    """

    def __init__(
        self,
        bus: Bus,
        studies: Sequence[Study],
        submit: Callable[[Request], Future[Answer]],
        memory: Memory,
        *,
        workspace: str,
        say: Callable[[str], None],
        concurrency: int = 1,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._bus = bus
        self._studies = {study.spec.name: study for study in studies}
        self._submit = submit
        self._memory = memory
        self._workspace = workspace
        self._say = say
        self._concurrency = concurrency
        self._attempts = attempts
        self._held: dict[str, Held] = {}
        self._pending: dict[str, Job] = {}
        self._running: dict[str, tuple[Job, Future[Answer]]] = {}
        self._touched = time.monotonic()

    def listen(self, stop: threading.Event) -> None:
        """Go on until told to stop; what runs then is waited for, what waits is given back."""
        with ExitStack() as open_until_end:
            subscriptions = {
                topic: open_until_end.enter_context(
                    self._bus.subscribe(topic, CHANNEL, in_flight=IN_FLIGHT, lease_s=LEASE_S)
                )
                for topic in READERS
            }
            while not stop.is_set():
                self._round(subscriptions)
            while self._running:
                self._settle_done()
                self._touch_held()
                time.sleep(WAIT_S)
            for held in self._held.values():
                held.delivery.requeue(0.0)

    def _round(self, subscriptions: dict[str, Subscription]) -> None:
        for topic, subscription in subscriptions.items():
            wait_s = WAIT_S / len(subscriptions)
            for delivery in subscription.receive(wait_s, at_most=IN_FLIGHT):
                self._admit(topic, delivery)
        self._start_due()
        self._settle_done()
        self._touch_held()

    def _admit(self, topic: str, delivery: Delivery) -> None:
        try:
            event = READERS[topic](delivery.body)
        except BadInput as error:
            self._bury(delivery.body, "", str(error), delivery.attempts)
            delivery.finish()
            return
        if event.event_id in self._held:  # it comes again, for its lease had ended
            self._held[event.event_id].delivery = delivery
            return
        held = Held(event, delivery)
        for study, debounce_s in self._woken(event):
            held.waiting.add(study.spec.name)
            job = self._pending.setdefault(study.spec.name, Job(study, 0.0))
            job.events.append(event)
            job.due = time.monotonic() + debounce_s
        if held.waiting:
            self._held[event.event_id] = held
        else:
            delivery.finish()

    def _woken(self, event: Event) -> Iterator[tuple[Study, float]]:
        for name, study in self._studies.items():
            matching = [t for t in study.spec.triggers if wakes(t, event, name)]
            if not matching or self._memory.was_handled(event.event_id, name):
                continue
            if would_loop(event, name):
                path = " -> ".join([*path_of(event), name])
                self._say(f"{name} is not woken by {event.type}: it would go round, {path}")
                continue
            yield study, max(trigger.debounce_s for trigger in matching)

    def _start_due(self) -> None:
        now = time.monotonic()
        for name, job in list(self._pending.items()):
            if len(self._running) >= self._concurrency:
                return
            if job.due <= now and name not in self._running:
                del self._pending[name]
                self._start(job)

    def _start(self, job: Job) -> None:
        latest = job.events[-1]
        self._say(f"{job.study.spec.name}: woken by {len(job.events)} {latest.type}")
        request = Request(
            self._workspace, str(job.study.path), "event",
            events=tuple(event.event_id for event in job.events),
            woken_by=tuple(dict.fromkeys(name for e in job.events for name in path_of(e))),
        )  # fmt: skip
        self._running[job.study.spec.name] = job, self._submit(request)

    def _settle_done(self) -> None:
        for name, (job, future) in list(self._running.items()):
            if future.done():
                del self._running[name]
                self._settle(job, future.result())

    def _settle(self, job: Job, answer: Answer) -> None:
        name = job.study.spec.name
        if answer.exit_code == 0:
            self._memory.handled([event.event_id for event in job.events], name)
            self._say(f"{name}: run {answer.run_id}, {len(answer.computed)} stages computed")
        else:
            self._say(f"{name}: {answer.error.splitlines()[0]}")
        for event in job.events:
            held = self._held[event.event_id]
            if answer.exit_code != 0:
                self._fail(held, name, answer)
            held.waiting.discard(name)
            if not held.waiting:
                self._release(held)

    def _fail(self, held: Held, study: str, answer: Answer) -> None:
        """Bury what trying again cannot mend, or what was tried often enough."""
        if answer.exit_code == BAD_INPUT or held.delivery.attempts >= self._attempts:
            body = held.event.model_dump_json().encode()
            self._bury(body, study, answer.error, held.delivery.attempts)
            self._memory.handled([held.event.event_id], study)
        else:
            held.failed = True

    def _release(self, held: Held) -> None:
        del self._held[held.event.event_id]
        if held.failed:
            pause = FIRST_PAUSE_S * 2.0 ** (held.delivery.attempts - 1)
            held.delivery.requeue(min(pause, LONGEST_PAUSE_S))
        else:
            held.delivery.finish()

    def _bury(self, body: bytes, study: str, reason: str, attempts: int) -> None:
        """Keep an event that could not be handled where a person can look at it."""
        letter = {
            "study": study, "reason": reason[:4_000], "attempts": attempts,
            "event": body.decode(errors="replace")[:100_000],
        }  # fmt: skip
        self._bus.publish(DEAD, [json.dumps(letter).encode()])
        self._say(f"an event was put to {DEAD}: {reason.splitlines()[0]}")

    def _touch_held(self) -> None:
        """Tell the bus that what we hold is being worked on."""
        now = time.monotonic()
        if now - self._touched < LEASE_S / 3:
            return
        self._touched = now
        for held in self._held.values():
            try:
                held.delivery.touch()
            except Unreachable as error:
                self._say(f"a message may come again: {error.what}")

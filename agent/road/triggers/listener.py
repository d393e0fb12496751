"""Listen to events and run the studies that they wake, each exactly once for each event."""

from __future__ import annotations

import json
import os
import threading
import time
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING

from agent.road.runner.worker import CRASHED, Answer, Request
from agent.road.triggers.matching import path_of, waits_of, would_loop
from agent.road.triggers.reading import READERS, read
from agent.road.triggers.retrying import ATTEMPTS, BY_EXIT_CODE, policy_for
from configs.errors import QraftError
from storage.events.envelope import from_bytes
from storage.events.inbox import Route
from storage.events.outbox import receipts
from storage.events.owner import Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from agent.road.studies import Study
    from agent.road.triggers.reading import Read
    from storage.events.boxes import Boxes
    from storage.events.port import Bus, Subscription
    from storage.events.work import Work

CHANNEL = "studies"
DEAD = "qraft.events.dead"
"""Where dead letters are told, best effort: a copy; the letters are in the inbox."""
LEASE_S = 10.0
"""A message is ours for as long as it takes to keep it; what a killed listener had comes again."""
IN_FLIGHT = 500
WAIT_S = 0.1
BEAT_S = 2.0
COMPACT_S = 3_600.0
TROUBLE_PAUSE_S = 1.0
RECEIPT_DEADLINE_S = 2.0
LETTER_CHARACTERS = 30_000
"""Of a dead letter's copy: six bytes each at most, so that any broker carries it."""


class Listener:
    """Runs studies for the events that match their triggers.

    What comes is kept in the inbox and only then finished on the bus; from there on the inbox is
    the truth. An event is settled for a study when a run for it has succeeded. So neither a
    repetition, nor a listener, worker or broker that is killed, loses an event or runs a study for
    it twice. One study never runs twice at once, and each has its turn; a burst of events within a
    trigger's `debounce_s` is one run, and no event waits longer than `max_wait_s`.

    A run looks at all that is known when it begins: an event says that it is time to look, and its
    `ts` when something happened, not up to when data may be used. So a repeated event on unchanged
    data is the same run, and no further trial.

    Parameters
    ----------
    bus
        Where events come from.
    studies
        Those with triggers.
    submit
        Starts a run.
    boxes
        Inbox and outbox.
    say
        Told, in a sentence, what happens.
    concurrency
        Runs at once.
    attempts
        How often an event is tried at least before it is dead; see `agent.road.triggers.retrying`.
    """

    def __init__(
        self,
        bus: Bus,
        studies: Sequence[Study],
        submit: Callable[[Request], Future[Answer]],
        boxes: Boxes,
        *,
        workspace: str,
        say: Callable[[str], None],
        concurrency: int = 1,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._bus = bus
        self._submit = submit
        self._boxes = boxes
        self._workspace = workspace
        self._say = say
        self._concurrency = concurrency
        self._attempts = attempts
        self._studies: dict[str, Study] = {}
        self._routes: dict[str, Route] = {}
        self._coming = list(studies)
        self._changed = threading.Event()
        self._changed.set()
        self._running: dict[str, Future[Answer]] = {}
        self._looked = -1
        self._beat = self._compacted = -COMPACT_S
        self.last_round = time.monotonic()
        """When the last round ended, on the monotonic clock: whether it is alive."""

    def watch(self, studies: Iterable[Study]) -> None:
        """Listen for these studies from the next round on; from any thread."""
        self._coming = list(studies)
        self._changed.set()

    def listen(self, stop: threading.Event) -> None:
        """Go on until told to stop; what runs then is waited for, what waits stays in the inbox.

        Trouble with the bus or a full disk is said, and passes or goes on; it ends nothing.
        """
        trouble = ""
        with Owner(self._boxes.folder / "owners") as owner:
            while not stop.is_set():
                try:
                    self._listen(owner, stop)
                except QraftError as error:
                    if error.what != trouble:
                        trouble = error.what
                        self._say(f"listening goes on after trouble: {trouble}")
                    stop.wait(TROUBLE_PAUSE_S)
            self._finish(owner)

    def _listen(self, owner: Owner, stop: threading.Event) -> None:
        with ExitStack() as open_until_end:
            subscriptions = {
                topic: open_until_end.enter_context(
                    self._bus.subscribe(topic, CHANNEL, in_flight=IN_FLIGHT, lease_s=LEASE_S)
                )
                for topic in READERS
            }
            while not stop.is_set():
                self._round(owner, subscriptions)

    def _round(self, owner: Owner, subscriptions: dict[str, Subscription]) -> None:
        if self._changed.is_set():
            self._take_studies()
        now = time.monotonic()
        if now - self._beat >= BEAT_S:
            self._beat = now
            connected = all(each.connected for each in subscriptions.values())
            self._boxes.work.heard(owner.name, os.getpid(), connected=connected)
            if taken := self._boxes.work.take_over(owner.is_gone):
                self._say(f"{taken} events of a listener that was killed are taken over")
        for topic, subscription in subscriptions.items():
            self._take_in(topic, subscription, WAIT_S / len(subscriptions))
        if self._boxes.inbox.newest() > self._looked:
            self._looked = self._boxes.inbox.route(self._routes)
        self._settle_done(owner)
        self._start_ready(owner)
        if now - self._compacted >= COMPACT_S:
            self._compacted = now
            self._boxes.inbox.compact()
        self.last_round = time.monotonic()

    def _take_studies(self) -> None:
        self._changed.clear()
        self._studies = {study.spec.name: study for study in self._coming if study.spec.triggers}
        self._routes = {name: self._route(study) for name, study in self._studies.items()}
        self._boxes.inbox.follow(self._studies)
        self._looked = -1
        for name, count in self._boxes.work.waiting_for().items():
            if name and name not in self._studies:
                self._say(f"{count} events wait for {name}, which is not listened for here")

    def _route(self, study: Study) -> Route:
        name, triggers = study.spec.name, study.spec.triggers

        def wakes(body: bytes) -> tuple[float, float] | None:
            try:
                event = from_bytes(body)
            except QraftError as error:  # kept by another version, which read events otherwise
                self._say(f"{name} is not woken: {error.what}")
                return None
            waits = waits_of(triggers, event, name)
            if waits and would_loop(event, name):
                path = " -> ".join([*path_of(event), name])
                self._say(f"{name} is not woken by {event.type}: it would go round, {path}")
                return None
            return waits

        return Route(frozenset(trigger.on for trigger in triggers), wakes)

    def _take_in(self, topic: str, subscription: Subscription, wait_s: float) -> None:
        """Keep what came, and only then let the bus forget it."""
        deliveries = subscription.receive(wait_s, at_most=IN_FLIGHT)
        if not deliveries:
            return
        messages = [part for delivery in deliveries for part in read(topic, delivery.body)]
        kept = self._boxes.inbox.keep(message.arrived for message in messages)
        subscription.finish(deliveries)
        for each in kept.unreadable:
            letter = _letter(each.body, "", each.reason, 1)
            self._boxes.outbox.keep_raw(f"dead:{each.ident}", DEAD, letter)
            self._say(f"a message on {topic} is a dead letter: {_first_line(each.reason)}")
        self._send_receipts(messages)

    def _send_receipts(self, messages: list[Read]) -> None:
        """Say what is here to those who tell it until they hear that; if not now, the next time."""
        wanted = [(message.event_id, message.receipt) for message in messages if message.receipt]
        for topic, bodies in receipts(wanted, self._boxes.outbox.address).items():
            try:
                self._bus.publish(topic, bodies, deadline_s=RECEIPT_DEADLINE_S)
            except QraftError:
                return

    def _start_ready(self, owner: Owner) -> None:
        free = self._concurrency - len(self._running)
        if free <= 0:
            return
        for name in self._boxes.work.ready(self._studies)[:free]:
            if name not in self._running and (work := self._boxes.work.claim(name, owner.name)):
                self._start(self._studies[name], work)

    def _start(self, study: Study, work: list[Work]) -> None:
        """Start a run; whatever keeps it from beginning is its answer."""
        self._say(f"{study.spec.name}: woken by {len(work)} {work[-1].type}")
        try:
            events = [from_bytes(each.body) for each in work]
            request = Request(
                self._workspace, str(study.path), "event",
                events=tuple(event.event_id for event in events),
                woken_by=tuple(dict.fromkeys(name for e in events for name in path_of(e))),
            )  # fmt: skip
            future = self._submit(request)
        except Exception as error:
            future = Future()
            future.set_exception(error)
        self._running[study.spec.name] = future

    def _settle_done(self, owner: Owner) -> None:
        for name, future in list(self._running.items()):
            if future.done():
                self._settle(owner, name, _answer(future))
                del self._running[name]

    def _settle(self, owner: Owner, name: str, answer: Answer) -> None:
        if answer.exit_code == 0:
            self._boxes.work.done(name, owner.name, answer.run_id)
            self._say(f"{name}: run {answer.run_id}, {len(answer.computed)} stages computed")
            return
        self._say(f"{name}: {_first_line(answer.error)}")
        kind = answer.kind or BY_EXIT_CODE.get(answer.exit_code, "failed")
        policy = policy_for(kind, self._attempts)
        dead = self._boxes.work.failed(
            name, owner.name, kind, answer.error, policy,
            letter=lambda work: (DEAD, _letter(work.body, name, work.reason, work.tries)),
        )  # fmt: skip
        if dead:
            self._say(f"{name}: {len(dead)} events are dead letters; see: qraft events dead list")

    def _finish(self, owner: Owner) -> None:
        """Wait for what runs, and settle it; then nothing is ours."""
        while self._running:
            try:
                self._settle_done(owner)
            except QraftError as error:  # the next listener finds its run done
                self._say(f"what ran could not be settled: {error.what}")
                return
            time.sleep(WAIT_S)
        try:
            self._boxes.work.left(owner.name)
        except QraftError as error:
            self._say(error.what)


def _answer(future: Future[Answer]) -> Answer:
    """Return what a run answered; one that could not even be asked has crashed."""
    try:
        return future.result()
    except Exception as error:
        return Answer(1, error=f"the run did not begin: {error!r}", kind=CRASHED)


def _letter(body: bytes, study: str, reason: str, attempts: int) -> bytes:
    """Return the copy of a dead letter that is told."""
    letter = {
        "study": study, "reason": reason[:4_000], "attempts": attempts, "bytes": len(body),
        "event": body.decode(errors="replace")[:LETTER_CHARACTERS],
    }  # fmt: skip
    return json.dumps(letter, ensure_ascii=False).encode("utf-8", "replace")


def _first_line(text: str) -> str:
    """Return a line for people: what a stranger wrote cannot write over the terminal."""
    first = next(iter(text.splitlines()), "no reason was given")[:300]
    return "".join(letter if letter.isprintable() else "?" for letter in first)

"""All that listening takes: bus, inbox and outbox, what is told meanwhile, and the listener."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING

from agent.road.runner.telling import tell_owed
from agent.road.triggers.background import background
from agent.road.triggers.listener import Listener
from agent.road.triggers.promotions import telling_promotions
from agent.road.triggers.retrying import ATTEMPTS
from agent.road.triggers.watching import watching
from configs.errors import QraftError
from configs.output import talk
from storage.events.boxes import Boxes
from storage.events.outbox import RECEIPTS
from storage.open import open_bus

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    from agent.road.runner.worker import Answer, Request
    from agent.road.studies import Study
    from configs.settings import Settings
    from configs.workspace import Workspace
    from storage.events.port import Bus

TELL_S = 0.5
SWEEP_S = 30.0


@contextmanager
def listening(
    workspace: Workspace,
    settings: Settings,
    studies: Sequence[Study],
    submit: Callable[[Request], Future[Answer]],
    *,
    concurrency: int = 1,
    attempts: int = ATTEMPTS,
    say: Callable[[str], None] = talk,
) -> Iterator[Listener]:
    """Return a listener, and tell what the outbox holds for as long as the block lasts."""
    with ExitStack() as open_until_end:
        enter = open_until_end.enter_context
        bus = enter(closing(open_bus(settings, workspace)))
        boxes = enter(Boxes(workspace.home / "events"))
        enter(telling(bus, boxes, sweep=lambda: tell_owed(workspace, boxes.outbox), say=say))
        enter(watching(workspace.data, boxes.outbox))
        enter(telling_promotions(workspace, settings, boxes.outbox))
        yield Listener(
            bus, studies, submit, boxes, workspace=str(workspace.root), say=say,
            concurrency=concurrency, attempts=attempts,
        )  # fmt: skip


@contextmanager
def telling(
    bus: Bus,
    boxes: Boxes,
    *,
    sweep: Callable[[], object] = lambda: None,
    say: Callable[[str], None] = talk,
) -> Iterator[None]:
    """Tell what the outbox holds, and hear what arrived of it, as long as the block lasts.

    Parameters
    ----------
    sweep
        Done now and then: puts into the outbox what was forgotten.
    """

    def tell(ended: threading.Event) -> None:
        trouble = ""
        while not ended.is_set():
            try:
                _tell(bus, boxes, ended, sweep, say)
            except QraftError as error:
                if error.what != trouble:
                    trouble = error.what
                    say(f"telling goes on after trouble: {trouble}")
                ended.wait(TELL_S)

    with background("telling", tell):
        yield


def _tell(
    bus: Bus,
    boxes: Boxes,
    ended: threading.Event,
    sweep: Callable[[], object],
    say: Callable[[str], None],
) -> None:
    outbox = boxes.outbox
    with ExitStack() as open_until_end:
        receipts = None
        if not bus.durable:
            topic = f"{RECEIPTS}{outbox.address}"
            receipts = open_until_end.enter_context(bus.subscribe(topic, "outbox"))
        rounds = 0
        trouble = forgotten = ""
        while not ended.is_set():
            trouble = _said(outbox.deliver(bus).trouble, trouble, say)
            if receipts is not None and (came := receipts.receive(0.0, at_most=500)):
                outbox.read_receipts(each.body for each in came)
                receipts.finish(came)
            if rounds % int(SWEEP_S / TELL_S) == 0:
                forgotten = _said(_trouble_of(sweep), forgotten, say)
            rounds += 1
            ended.wait(TELL_S)


def _trouble_of(work: Callable[[], object]) -> str:
    """Do something; return what kept it from being done."""
    try:
        work()
    except QraftError as error:
        return error.what
    return ""


def _said(trouble: str, before: str, say: Callable[[str], None]) -> str:
    """Say what is in the way of telling, when it begins and when it is over."""
    if trouble and not before:
        say(f"what there is to tell is kept and told later: {trouble}")
    if before and not trouble:
        say("what there was to tell is told")
    return trouble

"""Tell of promotions: what people decided at the gate, as its ledger has it.

The ledger is the truth and the event its echo. So nothing is lost where the bus is away at the
moment of a promotion: whoever looks next tells of it, and its event has the same id.
"""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from agent.triggers.background import background
from configs.errors import QraftError
from configs.output import talk
from gate.policy_file import load_policy
from gate.stages import Act
from gate.strategies import stand
from storage.events.envelope import EVENTS, Event, make_event, to_bytes

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from agent.triggers.memory import Memory
    from configs.settings import Settings
    from configs.workspace import Workspace
    from gate.policy import Policy
    from storage.events.port import Bus
    from storage.ledger import Entry

TYPE: Final = "signal_promoted"
SOURCE: Final = "gate"
"""Who tells it: so a study may wait for its own promotion."""
DEADLINE_S = 5.0
LOOK_S = 30.0


def promotions(entries: Sequence[Entry], policy: Policy) -> list[Event]:
    """Return an event for each promotion that counts under a policy; see `gate.strategies.stand`.

    Parameters
    ----------
    entries
        All of the ledger's, the oldest first.
    """
    raised = [entry for entry in entries if entry.kind == Act.PROMOTE]
    if not raised:
        return []
    known = {strategy.strategy: strategy for strategy in stand(entries, policy).strategies}
    doubted = {seq for strategy in known.values() for seq, _ in strategy.unfounded}
    return [
        _event(entry)
        for entry in raised
        if entry.body.get("strategy") in known and entry.seq not in doubted
    ]


def tell_promotions(
    entries: Sequence[Entry], policy: Policy, bus: Bus, memory: Memory
) -> list[Event]:
    """Publish the promotions that were not told yet; return them.

    Raises
    ------
    Unreachable
        If the bus does not confirm them; then they count as not told.
    """
    told = memory.promotions_told()
    fresh = [event for event in promotions(entries, policy) if event.event_id not in told]
    if fresh:
        bus.publish(EVENTS, [to_bytes(event) for event in fresh], deadline_s=DEADLINE_S)
        memory.tell_promotions(event.event_id for event in fresh)
    return fresh


def tell_at_once(workspace: Workspace, settings: Settings, entries: Sequence[Entry]) -> None:
    """Publish what was not told yet; where that fails, say so: the promotion stands."""
    from agent.triggers.memory import Memory
    from storage.open import open_bus

    with ExitStack() as open_until_end:
        enter = open_until_end.enter_context
        try:
            bus = enter(closing(open_bus(settings, workspace)))
            memory = enter(closing(Memory(workspace.home / "events")))
            tell_promotions(entries, load_policy(workspace), bus, memory)
        except QraftError as error:
            talk(f"studies that wait for {TYPE} will be told later: {error.what}")


@contextmanager
def telling_promotions(workspace: Workspace, settings: Settings, bus: Bus) -> Iterator[None]:
    """Tell, as long as the block lasts, of promotions that could not be told when they were made.

    A promotion made elsewhere at the same ledger is found in this way, too.
    """
    from agent.triggers.memory import Memory
    from storage.open import open_ledger

    ledger = open_ledger(settings, workspace)

    def look(ended: threading.Event) -> None:
        trouble = ""
        while True:
            try:
                with closing(Memory(workspace.home / "events")) as memory:
                    told = tell_promotions(ledger.entries(), load_policy(workspace), bus, memory)
            except QraftError as error:
                if error.what != trouble:
                    trouble = error.what
                    talk(f"promotions could not be told: {trouble}")
            else:
                trouble = ""
                for event in told:
                    talk(f"told: {event.payload['strategy']} is at {event.payload['to']}")
            if ended.wait(LOOK_S):
                return

    with background("promotions", look):
        yield


def _event(entry: Entry) -> Event:
    strategy = str(entry.body["strategy"])
    payload = {
        "study": strategy.partition("@")[0],
        "strategy": strategy,
        **{name: entry.body.get(name) for name in ("run_id", "from", "to")},
        "entry": entry.seq,
    }
    return make_event(
        TYPE, SOURCE, payload,
        ts=datetime.fromisoformat(entry.at), event_id=f"promotion-{entry.hash}",
    )  # fmt: skip

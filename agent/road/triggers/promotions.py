"""Tell of promotions: what people decided at the gate, as its ledger has it.

The ledger is the truth and the event its echo. So nothing is lost where the bus is away at the
moment of a promotion: whoever looks next tells of it, and its event has the same id.
"""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from agent.road.triggers.background import background
from configs.errors import QraftError
from configs.output import talk
from gate.policy.file import load_policy
from gate.policy.stages import Act
from gate.strategies.strategies import stand
from storage.events.envelope import Event, make_event

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from configs.settings import Settings
    from configs.workspace import Workspace
    from gate.policy.policy import Policy
    from storage.events.outbox import Outbox
    from storage.ledger import Entry

TYPE: Final = "signal_promoted"
SOURCE: Final = "gate"
"""Who tells it: so a study may wait for its own promotion."""
LOOK_S = 30.0


def promotions(entries: Sequence[Entry], policy: Policy) -> list[Event]:
    """Return an event for each promotion that counts under a policy; see
    `gate.strategies.strategies.stand`.

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


def keep_promotions(entries: Sequence[Entry], policy: Policy, outbox: Outbox) -> list[Event]:
    """Put the promotions into the outbox that were never there; return them."""
    return outbox.keep_promotions(promotions(entries, policy))


def tell_at_once(workspace: Workspace, settings: Settings, entries: Sequence[Entry]) -> None:
    """Tell of what was not told yet; where that fails, say so: the promotion stands."""
    from agent.road.runner.telling import deliver
    from storage.events.boxes import Boxes

    with Boxes(workspace.home / "events") as boxes:
        try:
            keep_promotions(entries, load_policy(workspace), boxes.outbox)
            later = deliver(workspace, settings, boxes.outbox)
        except QraftError as error:
            later = error.what
    if later:
        talk(f"studies that wait for {TYPE} will be told later: {later}")


@contextmanager
def telling_promotions(workspace: Workspace, settings: Settings, outbox: Outbox) -> Iterator[None]:
    """Find, as long as the block lasts, promotions that were not told when they were made.

    A promotion made elsewhere at the same ledger is found in this way, too.
    """
    from storage.open import open_ledger

    ledger = open_ledger(settings, workspace)

    def look(ended: threading.Event) -> None:
        trouble = ""
        while True:
            try:
                told = keep_promotions(ledger.entries(), load_policy(workspace), outbox)
            except QraftError as error:
                if error.what != trouble:
                    trouble = error.what
                    talk(f"promotions could not be looked for: {trouble}")
            else:
                trouble = ""
                for event in told:
                    talk(f"to tell: {event.payload['strategy']} is at {event.payload['to']}")
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

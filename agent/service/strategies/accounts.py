"""Accounts of strategies at paper or live: worth, positions, and what they want; only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import AwareDatetime

from agent.service.model import Model
from configs.errors import BadInput, did_you_mean
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.service.service import Service
    from gate.strategies.strategies import Strategy
    from tasks.live.paper.page import PaperView


class Followed(Model):
    """A strategy that is at paper or live."""

    strategy: str
    stage: str
    since: str
    """When it came there, UTC."""
    paper_return: float | None


class Account(Model):
    """The account of a strategy that is followed."""

    strategy: str
    stage: str
    since: AwareDatetime
    account: float | None
    """Money and holdings at the last bar; none before the first bar to deal at."""
    figures: dict[str, float | None]
    holdings: list[dict[str, Any]]
    """A symbol each: what is held, and what is wanted."""
    page: str


def list_followed(service: Service) -> list[Followed]:
    """Return what is at paper or live, the newest first."""
    return [
        Followed(
            strategy=each.strategy, stage=str(each.stage), since=each.running_since,
            paper_return=each.paper.get("paper_return"),
        )
        for each in _running(service)
    ]  # fmt: skip


def look_at(service: Service, wanted: str) -> PaperView:
    """Return the account of a strategy as its page draws it; see :func:`describe_account`.

    Raises
    ------
    BadInput
        If no such strategy is at paper or live, or more than one is meant.
    Damaged
        If a published signal is not the one that the ledger names.
    """
    from gate.approval.clock import now_utc
    from tasks.live.following.looking import look_at_account

    found = _named(_running(service), wanted)
    return look_at_account(str(service.workspace.root), service.ledger, found, now_utc())


def describe_account(service: Service, view: PaperView) -> Account:
    """Tell an account, and draw its page."""
    from tasks.live.paper.page import draw
    from tasks.scheduler.page_link import write_once

    name = view.strategy.partition("@")[0]
    page = write_once(service.workspace.reports / f"{name}-paper.html", draw(view).encode("utf-8"))
    return Account(
        strategy=view.strategy, stage=view.stage, since=view.since, account=view.worth,
        figures=dict(view.figures), holdings=[dict(each) for each in view.holdings()],
        page=str(page),
    )  # fmt: skip


def show_account(service: Service, wanted: str) -> Account:
    """Return the account of a strategy, which is drawn as a page, too; see :func:`look_at`."""
    return describe_account(service, look_at(service, wanted))


def _running(service: Service) -> list[Strategy]:
    from gate.policy.file import load_policy
    from gate.policy.stages import Stage
    from gate.strategies.strategies import strategies

    known = strategies(service.ledger.entries(), load_policy(service.workspace))
    return [each for each in known if each.stage in {Stage.PAPER, Stage.LIVE}]


def _named(running: Sequence[Strategy], name: str) -> Strategy:
    matching = [each for each in running if name in {each.strategy, each.name, each.run_id}]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise BadInput(f"`{name}` may be any of {', '.join(each.strategy for each in matching)}")
    raise BadInput(
        f"`{name}` is neither at paper nor live",
        hint=did_you_mean(name, [each.name for each in running]) if running else None,
        remedy=Mend.LIST_STRATEGIES(),
    )

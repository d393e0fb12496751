"""A finished run, submitted to the gate: at stage dryrun, and no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.service.runs.models import Proposed
from agent.service.runs.naming import find_id
from configs.errors import BadInput, Forbidden
from configs.remedies import Mend

if TYPE_CHECKING:
    from agent.service.service import Service


def propose(service: Service, wanted: str, *, road: str) -> Proposed:
    """Submit a finished run to the gate, at stage dryrun: only people take it further.

    The evidence is read from the run's results, not from who asks.

    Raises
    ------
    BadInput
        If there is no such run, or its results are not there as today's code would make them.
    Forbidden
        If its strategy is at paper or live.
    """
    from storage.lake.objects import NotFound
    from tasks.dag.plan import read_plan
    from tasks.dag.session import Session, plan_path
    from tasks.runs.record import proposing

    run_id = find_id(service, wanted)
    try:
        plan = read_plan(service.lake.store.get(plan_path(run_id)))
    except NotFound as error:
        raise _must_run_again(run_id) from error
    session = Session(service.workspace, service.settings, plan, service.lake)
    if not all(plan.done(service.lake).values()):
        raise _must_run_again(run_id)
    if proposing.is_running(session, service.ledger):
        raise Forbidden(
            f"{plan.strategy} is at paper or live: its evidence is what it was approved for",
            remedy=Mend.SHOW_STRATEGY(strategy=plan.strategy),
        )
    new = proposing.propose(session, service.ledger, road=road)
    return Proposed(strategy=plan.strategy, run_id=run_id, stage="dryrun", new=new)


def _must_run_again(run_id: str) -> BadInput:
    return BadInput(
        f"the results of the run {run_id} are not there as today's code would make them",
        hint="run its TaskSpec again, and propose that run",
    )

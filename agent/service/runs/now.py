"""A TaskSpec run here and now, in this process, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.service.runs.finished import show_run
from agent.service.runs.models import Following, RunOutcome
from agent.service.specs import locating

if TYPE_CHECKING:
    from datetime import datetime

    from agent.service.service import Service
    from agent.service.specs import Spec
    from tasks.dag.progress import Reporter
    from tasks.runs.run import Outcome


def run_now(
    service: Service,
    spec: Spec,
    *,
    road: str,
    as_of: datetime | None = None,
    reporter: Reporter | None = None,
    tells: bool = True,
) -> RunOutcome:
    """Run a TaskSpec in this process; what is done already is not done again.

    Parameters
    ----------
    road
        Who asks, as the ledger will name it; see `tasks.runs.run.run`.
    as_of
        Use only what was known then; default all there is.
    tells
        Whether other studies are told of it.

    Raises
    ------
    BadInput
        Located in the spec's document, if it does not fit the data; nothing was written.
    Failed
        If a stage failed; what is done is kept.
    """
    from agent.road.runner.telling import tell_of
    from tasks.runs.run import Asked, run

    asked = Asked(tells=tells)
    with locating(spec):
        outcome = run(
            spec.taskspec, service.workspace, service.settings, as_of=as_of, road=road,
            reporter=reporter, asked=asked,
        )  # fmt: skip
    later = tell_of(outcome, asked).later if tells else ""
    return describe_outcome(service, outcome, told_later=later)


def describe_outcome(service: Service, outcome: Outcome, *, told_later: str = "") -> RunOutcome:
    """Tell a run that was finished in this process."""
    from tasks.backtest.remarks import remarks_of

    spec = outcome.session.plan.spec
    run = show_run(service, outcome.session.plan.run_id)
    following = _following(outcome)
    return RunOutcome(
        **dict(run),
        computed=list(outcome.computed),
        following=following,
        remarks=[*remarks_of(spec, run.metrics), *(_remarks(following) if following else ())],
        told_later=told_later,
        level=spec.discovery.level,
    )


def _following(outcome: Outcome) -> Following | None:
    """Tell what became of a strategy that is at paper or live."""
    followed = outcome.following
    if followed is None:
        return None
    return Following(
        stage=str(followed.stage),
        published=followed.published,
        stopped=followed.stopped,
        held_back=followed.held_back,
        left_out=list(followed.left_out),
        absent=list(followed.absent),
        figures=dict(followed.figures),
    )


def _remarks(following: Following) -> list[str]:
    """Say which bars and symbols take no part, and which that were approved have no bar."""
    remarks = []
    if future := following.figures.get("future_bars"):
        remarks.append(
            f"{future:,.0f} bars of the data are not over yet, or lie in the future: they are "
            "passed over until they are over"
        )
    if following.left_out:
        remarks.append(
            f"{', '.join(following.left_out)}: not among the approved symbols, and left out; to "
            "take them in, demote the strategy to dryrun, run it, and approve what it proposes"
        )
    if following.absent:
        remarks.append(
            f"{', '.join(following.absent)}: approved, and without a newest bar; what is held of "
            "them cannot be dealt until they have one"
        )
    return remarks

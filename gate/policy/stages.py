"""The stages of a strategy and the moves between them: the one place of these rules."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Stage(StrEnum):
    """How far a strategy has come."""

    DRYRUN = "dryrun"
    PAPER = "paper"
    LIVE = "live"
    HALTED = "halted"
    REJECTED = "rejected"
    RETIRED = "retired"


class Act(StrEnum):
    """What may be done to a strategy; each is an entry of this kind on the ledger."""

    PROMOTE = "promotion"
    DEMOTE = "demotion"
    REJECT = "rejection"
    HALT = "halt"
    RESUME = "resumption"
    RETIRE = "retirement"


class Move(NamedTuple):
    """A step that the machine knows; where `needs` is set, the policy's step to it is asked."""

    act: Act
    before: Stage
    after: Stage
    needs: bool = False


MOVES: tuple[Move, ...] = (
    Move(Act.PROMOTE, Stage.DRYRUN, Stage.PAPER, needs=True),
    Move(Act.PROMOTE, Stage.PAPER, Stage.LIVE, needs=True),
    Move(Act.DEMOTE, Stage.LIVE, Stage.PAPER),
    Move(Act.DEMOTE, Stage.PAPER, Stage.DRYRUN),
    Move(Act.REJECT, Stage.DRYRUN, Stage.REJECTED),
    Move(Act.REJECT, Stage.PAPER, Stage.REJECTED),
    Move(Act.HALT, Stage.PAPER, Stage.HALTED),
    Move(Act.HALT, Stage.LIVE, Stage.HALTED),
    # Whatever goes up passes the policy: a halted strategy is approved for paper anew.
    Move(Act.RESUME, Stage.HALTED, Stage.PAPER, needs=True),
    Move(Act.RESUME, Stage.REJECTED, Stage.DRYRUN),
    Move(Act.RETIRE, Stage.DRYRUN, Stage.RETIRED),
    Move(Act.RETIRE, Stage.PAPER, Stage.RETIRED),
    Move(Act.RETIRE, Stage.LIVE, Stage.RETIRED),
    Move(Act.RETIRE, Stage.HALTED, Stage.RETIRED),
    Move(Act.RETIRE, Stage.REJECTED, Stage.RETIRED),
)
"""All moves there are. No two of one act begin at one stage; nothing leads out of retired."""

_BY_START = {(move.act, move.before): move for move in MOVES}

RUNNING = frozenset({Stage.PAPER, Stage.LIVE})
"""The stages at which a strategy's signals are published."""


def move_of(act: Act, before: Stage) -> Move | None:
    """Return the move of an act from a stage, or None where the machine knows none.

    Examples
    --------
    >>> move_of(Act.PROMOTE, Stage.PAPER).after
    <Stage.LIVE: 'live'>
    >>> move_of(Act.PROMOTE, Stage.RETIRED) is None
    True
    """
    return _BY_START.get((act, before))


def step_after(stage: Stage) -> Stage | None:
    """Return the stage that the policy may let a strategy go to from here, if there is one."""
    return next((move.after for move in MOVES if move.before is stage and move.needs), None)

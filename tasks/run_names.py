"""Which run a person means; the same rule wherever runs are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

LAST = "last"
"""What people write for the newest run."""


class RunName(NamedTuple):
    """What a run can be called by."""

    run_id: str
    study: str


def choose_run(runs: Sequence[RunName], wanted: str) -> str:
    """Return the id of the run that is meant.

    Parameters
    ----------
    runs
        All there are, the newest first.
    wanted
        ``last``; a study's name, for its newest run; or the beginning of a run's id.

    Raises
    ------
    BadInput
        If there is none, or more than one.

    Examples
    --------
    >>> runs = [RunName("b2", "momentum"), RunName("b1", "reversal"), RunName("a0", "momentum")]
    >>> [choose_run(runs, wanted) for wanted in ("last", "momentum", "reversal", "a")]
    ['b2', 'b2', 'b1', 'a0']
    """
    named = [run.run_id for run in runs if wanted in {LAST, run.study}]
    matching = named[:1] or [run.run_id for run in runs if wanted and run.run_id.startswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if not runs:
        raise no_runs()
    if matching:
        what, hint = f"more than one run begins with `{wanted}`", ", ".join(matching)
    else:
        known = dict.fromkeys([LAST, *(name for run in runs for name in run)])
        what, hint = f"there is no run `{wanted}`", did_you_mean(wanted, known)
    raise BadInput(what, hint=hint, next_command="qraft runs list")


def no_runs() -> BadInput:
    """Say that there is nothing to show yet, and what makes something."""
    return BadInput("there is no run to show in this workspace yet", next_command="qraft demo")

"""Which run a person means; the same rule wherever runs are listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from configs.errors import BadInput, did_you_mean
from configs.remedies import Mend
from gate.evidence.trials import varied_by

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LAST = "last"
"""What people write for the newest run."""


class RunName(NamedTuple):
    """What a run can be called by.

    Attributes
    ----------
    run_id, study
        Its id, and the name of its study.
    varied_by
        What varied the study's spec in it, as ``sweep``; empty for the study as it is written.
    """

    run_id: str
    study: str
    varied_by: str = ""


def named_rows(rows: Sequence[Mapping[str, Any]]) -> list[RunName]:
    """Name rows of table ``runs``."""
    return [RunName(row["run_id"], row["name"], varied_by({"road": row["road"]})) for row in rows]


def choose_run(runs: Sequence[RunName], wanted: str) -> str:
    """Return the id of the run that is meant.

    A study's name means the study as it is written: its newest run. What a sweep or a research made
    of it has the same name and another spec, and is called by its id.

    Parameters
    ----------
    runs
        All there are, the newest first.
    wanted
        ``last``; a study's name; or the beginning of a run's id.

    Raises
    ------
    BadInput
        If there is none, or more than one.

    Examples
    --------
    >>> runs = [RunName("b2", "momentum", "sweep"), RunName("b1", "reversal"),
    ...         RunName("a0", "momentum")]
    >>> [choose_run(runs, wanted) for wanted in ("last", "momentum", "reversal", "b2")]
    ['b2', 'a0', 'b1', 'b2']
    """
    if runs and wanted == LAST:
        return runs[0].run_id
    named = [run for run in runs if run.study == wanted]
    own = [run.run_id for run in named if not run.varied_by]
    matching = own[:1] or [run.run_id for run in named]
    begun = [run.run_id for run in runs if wanted and run.run_id.startswith(wanted)]
    matching = matching or begun
    if len(matching) == 1:
        return matching[0]
    if not runs:
        raise no_runs()
    hint = ", ".join(matching)
    if named:
        what = f"`{wanted}` was not run as it is written, and may be any of its variants"
    elif matching:
        what = f"more than one run begins with `{wanted}`"
    else:
        known = dict.fromkeys([LAST, *(name for run in runs for name in run[:2])])
        what, hint = f"there is no run `{wanted}`", did_you_mean(wanted, known)
    raise BadInput(what, hint=hint, remedy=Mend.LIST_RUNS())


def differences(rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Say of runs that share a study's name and not its spec what differs, by their ids.

    A run differs from the newest one of the study as it is written, or, where there is none, from
    the oldest of that name.

    Parameters
    ----------
    rows
        ``run_id, name, road, spec`` (JSON), the newest first.

    Examples
    --------
    >>> spec = '{"name": "momentum", "backtest": {"topk": %d}}'
    >>> differences([
    ...     {"run_id": "b2", "name": "momentum", "road": "sweep", "spec": spec % 3},
    ...     {"run_id": "a0", "name": "momentum", "road": "command", "spec": spec % 2},
    ... ])
    {'b2': 'backtest.topk: 3'}
    """
    told: dict[str, str] = {}
    for name in {row["name"] for row in rows}:
        alike = [row for row in rows if row["name"] == name]
        own = [row for row in alike if not varied_by({"road": row["road"]})]
        written = dict(_leaves(json.loads((own or alike[::-1])[0]["spec"])))
        for row in alike:
            leaves = dict(_leaves(json.loads(row["spec"])))
            changed = [
                f"{key}: {leaves.get(key)}"
                for key in sorted(leaves.keys() | written.keys())
                if leaves.get(key) != written.get(key) and key != "description"
            ]
            if changed:
                told[row["run_id"]] = ", ".join(changed)
    return told


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a spec under their dotted keys."""
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, value


def no_runs() -> BadInput:
    """Say that there is nothing to show yet, and what makes something."""
    return BadInput("there is no run to show in this workspace yet", remedy=Mend.RUN_DEMO())

"""Trials: each is on the ledger before its result is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from storage.ledger import Ledger

KIND = "trial"

SWEEP = "sweep"
"""The road of trials that are points of a sweep: tried, but no runs with a report."""

RESEARCH = "research"
"""The road of trials of `qraft research`: tried by the fast engine, as those of a sweep."""

WITHOUT_REPORT = frozenset({SWEEP, RESEARCH})
"""Roads whose trials are no runs, unless they were run by the judge too, and proposed."""


OWN = "own"
"""The key by which a sweep marks the one of its points that is the study as it is written."""


def varied_by(body: Mapping[str, Any]) -> str:
    """Return what varied a study's spec in a trial; empty for the study as it is written.

    Examples
    --------
    >>> varied_by({"road": "sweep"}), varied_by({"road": "sweep", "own": True})
    ('sweep', '')
    """
    road = str(body["road"])
    return road if road in WITHOUT_REPORT and not body.get(OWN) else ""


def road_of(body: Mapping[str, Any]) -> str:
    """Return who asked for a trial, and whether it is a study as it is written, in a word or two.

    Examples
    --------
    >>> road_of({"road": "clock"}), road_of({"road": "sweep", "own": True})
    ('clock', 'sweep, as written')
    """
    road = str(body["road"])
    return road if varied_by(body) or road not in WITHOUT_REPORT else f"{road}, as written"


def record_trial(
    ledger: Ledger, *, run_id: str, strategy: str, family: str, road: str, about: Mapping[str, Any]
) -> None:
    """Write a trial before it is run; the same run repeated or resumed is the same trial.

    Parameters
    ----------
    run_id, strategy
        What is tried, as ``us_momentum@4f0c...``.
    family
        The data and the universe; what is tried on the same data is counted together.
    road
        Who asked: ``command``, ``prompt``, ``event`` or ``clock``.
    about
        What identifies the evidence: spec, data and code digests.
    """
    body = {"run_id": run_id, "strategy": strategy, "family": family, "road": road, **about}
    ledger.append(
        KIND,
        body,
        actor=road,
        unless=lambda entries: any(
            entry.kind == KIND and entry.body["run_id"] == run_id for entry in entries
        ),
    )


def record_trials(ledger: Ledger, trials: Iterable[Mapping[str, Any]]) -> int:
    """Write many trials before any of them is run; see :func:`record_trial`.

    Parameters
    ----------
    trials
        The arguments of :func:`record_trial`, but for the ledger.

    Returns
    -------
    int
        How many were new.
    """
    known = {entry.body["run_id"] for entry in ledger.entries(KIND)}
    fresh = [trial for trial in trials if trial["run_id"] not in known]
    for trial in fresh:
        record_trial(ledger, **trial)
    return len(fresh)

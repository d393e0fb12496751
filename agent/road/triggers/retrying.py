"""What is done after a run failed: try again, and when, or put the event aside. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from storage.events.work import Policy

ATTEMPTS: Final = 5
FIRST_PAUSE_S, LONGEST_PAUSE_S = 5.0, 600.0
HOUR_S, DAY_S = 3_600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Patience:
    """When an event that fails in one way is dead: after so many tries, and not before an age."""

    tries: int | None
    """None: as many as the listener was told."""
    age_s: float


KINDS: Final = {
    "unreachable": Patience(1, 7 * DAY_S),
    "failed": Patience(None, HOUR_S),
    "crashed": Patience(None, HOUR_S),
    "bad_input": Patience(1, 0.0),
    "forbidden": Patience(1, 0.0),
}
"""A store, a broker or a scheduler that is away comes back: that is waited for a week. A failure or
a crash may pass: it is tried as often as the listener was told, and for an hour, so that no short
trouble looks like a lasting one. What is wrong with the study, or what a person must allow, is not
mended by trying again: mend it, then `qraft events dead replay`.
"""
BY_EXIT_CODE: Final = {2: "bad_input", 3: "forbidden"}


def policy_for(kind: str, attempts: int = ATTEMPTS) -> Policy:
    """Return how a failure of a kind is dealt with.

    Examples
    --------
    >>> policy_for("unreachable").hopeless(500, 86_400.0), policy_for("bad_input").hopeless(1, 0.0)
    (False, True)
    >>> [policy_for("failed").pause_s(failures) for failures in (1, 2, 3, 30)]
    [5.0, 10.0, 20.0, 600.0]
    """
    patience = KINDS.get(kind, KINDS["failed"])
    enough = attempts if patience.tries is None else patience.tries

    def hopeless(tries: int, age_s: float) -> bool:
        return tries >= enough and age_s >= patience.age_s

    return Policy(hopeless, pause_s)


def pause_s(failures: int) -> float:
    """Return how long a study is waited with that failed so often in a row."""
    return min(FIRST_PAUSE_S * 2.0 ** min(failures - 1, 30), LONGEST_PAUSE_S)

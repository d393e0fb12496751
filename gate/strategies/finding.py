"""Which strategy a person means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, did_you_mean
from configs.remedies import Mend

if TYPE_CHECKING:
    from gate.strategies.strategies import Standing, Strategy

LAST = "last"
"""What people write for the strategy that was proposed last."""


def find(standing: Standing, name: str) -> Strategy:
    """Return the strategy of that name; the name alone suffices where it is not ambiguous.

    Raises
    ------
    BadInput
        If there is none, or more than one.
    """
    known = standing.strategies
    matching = [s for s in known if name in {s.strategy, s.name, s.run_id}]
    if not matching and name == LAST and known:
        raise BadInput(
            "a decision names its strategy: `last` may be another one by the time you sign",
            hint=f"the one proposed last is {known[0].strategy}",
            remedy=Mend.CHECK_STRATEGY(strategy=known[0].strategy),
        )
    if not matching:
        raise BadInput(
            f"the gate knows no strategy `{name}`",
            hint=did_you_mean(name.partition("@")[0], {s.name for s in known}) if known else None,
            remedy=Mend.LIST_STRATEGIES(),
        )
    if len(matching) > 1:
        names = ", ".join(s.strategy for s in matching)
        raise BadInput(f"`{name}` may be any of {names}", remedy=Mend.LIST_STRATEGIES())
    return matching[0]


def find_to_read(standing: Standing, name: str) -> Strategy:
    """Return the strategy of that name, or the one proposed last for ``last``.

    Only what reads takes ``last``: a decision names what it is about.
    """
    if name == LAST and standing.strategies:
        return standing.strategies[0]
    return find(standing, name)

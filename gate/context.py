"""What a decision looks at: the ledger, the policy, the evidence as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from configs.errors import Forbidden
from configs.remedies import Mend
from gate.approval.clock import now_utc

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from gate.checks.check import Verdict
    from gate.policy.policy import Policy
    from gate.policy.stages import Stage
    from gate.strategies.strategies import Strategy
    from storage.ledger import Ledger

NAMES = {
    "spec": "the spec is another one",
    "code": "the code was changed",
    "data": "the data was changed",
}


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What is looked at.

    Attributes
    ----------
    ledger, policy
        Of the workspace.
    judge
        Holds a strategy's evidence against the step to a stage.
    identify
        Returns the digests ``spec``, ``code`` and ``data`` of what a run's strategy would be now.
    clock
        Tells the time, UTC.
    describe
        Returns the resolved ``spec`` of a run and its ``symbols``, where they are at hand.
    gone
        Returns the names of files of a strategy's evidence that are not there any more.
    keep
        Keeps what the checks of a strategy rest on, before their results are on the ledger.
    """

    ledger: Ledger
    policy: Policy
    judge: Callable[[Strategy, Stage], Sequence[Verdict]]
    identify: Callable[[str], Mapping[str, str]]
    clock: Callable[[], datetime] = now_utc
    describe: Callable[[str], Mapping[str, Any]] = lambda _: {}
    gone: Callable[[Strategy], Sequence[str]] = lambda _: ()
    keep: Callable[[Strategy], None] = lambda _: None

    def refuse_changed(self, strategy: Strategy) -> None:
        """Refuse to decide on something else than the evidence is of.

        Raises
        ------
        Forbidden
            Naming what was changed since the run.
        """
        there, proposed = self.identify(strategy.run_id), strategy.digests
        changed = [
            meaning
            for name, meaning in NAMES.items()
            if not there.get(name) or there[name] != getattr(proposed, name)
        ]
        if changed:
            raise Forbidden(
                f"{' and '.join(changed)} since {strategy.strategy} was run: "
                "its evidence is of something else",
                remedy=Mend.RUN_SPEC(spec=strategy.name),
            )

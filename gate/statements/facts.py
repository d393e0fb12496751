"""The facts that a person is shown before they approve: figures, checks, symbols, spec. Pure.

They are kept beside the statement in the approval's entry. The statement has the digest of the text
that was made of them, so they are signed with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from configs.figures import unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gate.checks.check import Verdict


class Figure(NamedTuple):
    """A number of the evidence."""

    name: str
    value: float | None
    unit: str


class Checked(NamedTuple):
    """What one check found; see `gate.checks.check.Verdict`."""

    name: str
    figure: float | None
    unit: str
    bound: str
    threshold: float
    passed: bool
    advice: bool

    @property
    def fails(self) -> bool:
        """Whether it refuses the step."""
        return not self.passed and not self.advice


@dataclass(frozen=True, slots=True)
class Facts:
    """What is shown beside the statement itself.

    Attributes
    ----------
    figures, checks
        Of the evidence, and what the step's checks made of it.
    symbols
        All that the strategy may trade, sorted; empty where they are not known.
    bounds
        What else limits what it may hold, by name, where the evidence says so.
    spec
        The resolved spec; empty where it is not at hand.
    proposer
        The account that proposed it.
    previous
        The entry of the last approval of the study; 0 where there is none.
    """

    figures: tuple[Figure, ...] = ()
    checks: tuple[Checked, ...] = ()
    symbols: tuple[str, ...] = ()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)
    proposer: str = ""
    previous: int = 0

    @property
    def failing(self) -> tuple[str, ...]:
        """The checks that refuse the step."""
        return tuple(check.name for check in self.checks if check.fails)

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "figures": [one._asdict() for one in self.figures],
            "checks": [one._asdict() for one in self.checks],
            "symbols": list(self.symbols),
            "bounds": dict(self.bounds),
            "spec": dict(self.spec),
            "proposer": self.proposer,
            "previous": self.previous,
        }


def read_facts(value: Mapping[str, Any]) -> Facts:
    """Read facts as an entry holds them.

    Raises
    ------
    TypeError, KeyError
        If they are of another form.
    """
    return Facts(
        **{
            **value,
            "figures": tuple(Figure(**one) for one in value["figures"]),
            "checks": tuple(Checked(**one) for one in value["checks"]),
            "symbols": tuple(value["symbols"]),
        }
    )


def gather(
    evidence: Mapping[str, Any],
    verdicts: Sequence[Verdict],
    described: Mapping[str, Any],
    *,
    proposer: str,
    previous: int,
) -> Facts:
    """Gather what is shown.

    Parameters
    ----------
    evidence
        What the run submitted.
    described
        ``spec`` and ``symbols`` of the run, where they are at hand.
    """
    mandate = dict(evidence.get("mandate") or {})
    symbols = mandate.pop("symbols", None) or described.get("symbols", ())
    return Facts(
        figures=tuple(
            Figure(name, value, unit_of(name)) for name, value in evidence["figures"].items()
        ),
        checks=tuple(
            Checked(v.name, v.figure, v.unit, v.bound, v.threshold, v.passed, v.advice)
            for v in verdicts
        ),
        symbols=tuple(sorted(map(str, symbols))),
        bounds=mandate,
        spec=dict(described.get("spec") or {}),
        proposer=proposer,
        previous=previous,
    )

"""The mandate: which symbols a strategy may hold, and how much of them. Pure.

It is part of what a run submits, so its digest is in what people approve, and it travels with each
signal: whoever acts on signals can hold the weights against it without asking Qraft.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HEAD_ROOM: Final = 1.5
"""How much heavier one symbol may become than the heaviest of the backtest was."""
ROUNDING: Final = 1e-9
"""By how much sums of weights may pass a bound."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """What signals may hold.

    Attributes
    ----------
    symbols
        All that may be held, sorted: those of the run that was proposed.
    gross
        The most of the sum of all weights' absolute values, as a share of the account.
    weight
        The most of one symbol's.
    long_only
        Whether no weight may be below zero.
    """

    symbols: tuple[str, ...]
    gross: float
    weight: float
    long_only: bool

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "symbols": list(self.symbols), "gross": self.gross, "weight": self.weight,
            "long_only": self.long_only,
        }  # fmt: skip

    @property
    def digest(self) -> str:
        """The sha256 of its document, by which an approval names it."""
        return digest(self.document())

    def __str__(self) -> str:
        """Render as a person reads it before they sign."""
        side = "long only" if self.long_only else "long and short"
        return (
            f"{len(self.symbols)} symbols, {side}, each at most {self.weight:.1%} of the account, "
            f"{self.gross:.1%} in all"
        )

    def breaches(self, targets: Iterable[tuple[str, float]]) -> list[str]:
        """Say in sentences how weights pass what is allowed; empty where they do not.

        Examples
        --------
        >>> mandate = Mandate(("A", "B"), 1.0, 0.6, True)
        >>> mandate.breaches([("A", 0.5), ("B", 0.5)])
        []
        >>> mandate.breaches([("A", 0.7), ("C", 0.1)])
        ['A: 70.0% where at most 60.0% is approved', 'C is not among the approved symbols']
        """
        known, seen, found = set(self.symbols), set[str](), list[str]()
        sizes = []
        for symbol, weight in targets:
            if symbol in seen:
                found.append(f"{symbol} is named twice")
            seen.add(symbol)
            if symbol not in known:
                found.append(f"{symbol} is not among the approved symbols")
            if not math.isfinite(weight):
                found.append(f"the weight of {symbol} is no number")
                continue
            sizes.append(abs(weight))
            if self.long_only and weight < 0:
                found.append(f"{symbol}: {weight:.1%} where only long positions are approved")
            if abs(weight) > self.weight + ROUNDING:
                found.append(f"{symbol}: {weight:.1%} where at most {self.weight:.1%} is approved")
        if (gross := sum(sizes)) > self.gross + ROUNDING:
            found.append(f"{gross:.1%} in all where at most {self.gross:.1%} is approved")
        return found


def narrow(
    mandate: Mandate, *, symbols: Iterable[str] | None, gross: float, weight: float
) -> Mandate:
    """Leave of a mandate what other bounds allow too.

    Parameters
    ----------
    symbols
        Only these; default all.
    gross, weight
        At most so much, as a share of the account.

    Examples
    --------
    >>> mandate = Mandate(("A", "B"), 1.0, 0.6, True)
    >>> str(narrow(mandate, symbols=["B", "C"], gross=0.5, weight=1.0))
    '1 symbols, long only, each at most 50.0% of the account, 50.0% in all'
    """
    allowed = set(mandate.symbols if symbols is None else symbols)
    most = min(mandate.gross, gross)
    return Mandate(
        tuple(symbol for symbol in mandate.symbols if symbol in allowed),
        most, min(mandate.weight, weight, most), mandate.long_only,
    )  # fmt: skip


def draw_mandate(symbols: Sequence[str], heaviest: float, *, topk: int) -> Mandate:
    """Draw up what may be held, from what a backtest held.

    The account deals without credit and holds nothing short, so all it holds is at most the
    account. One symbol may be heavier than it ever was in the backtest, or than an equal share, by
    :data:`HEAD_ROOM`.

    Parameters
    ----------
    symbols
        Those of the run.
    heaviest
        The greatest weight that one symbol had in the backtest.
    topk
        How many symbols are held.

    Examples
    --------
    >>> str(draw_mandate(["B", "A"], 0.4, topk=4))
    '2 symbols, long only, each at most 60.0% of the account, 100.0% in all'
    """
    weight = min(1.0, HEAD_ROOM * max(heaviest, 1.0 / topk))
    return Mandate(tuple(sorted(symbols)), 1.0, weight, long_only=True)


def read_mandate(evidence: Mapping[str, Any]) -> Mandate | None:
    """Read the mandate that a run submitted; None where it was proposed before there were any."""
    said = evidence.get("mandate")
    if not said:
        return None
    return Mandate(tuple(said["symbols"]), said["gross"], said["weight"], said["long_only"])

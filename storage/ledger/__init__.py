"""The ledger: an append-only, hash-chained log of what was tried, decided and by whom."""

from storage.ledger.entry import Entry, Head
from storage.ledger.log import Ledger
from storage.ledger.verification import Problem, Verdict

__all__ = ["Entry", "Head", "Ledger", "Problem", "Verdict"]

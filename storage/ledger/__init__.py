"""The ledger: an append-only, hash-chained log of what was tried, decided and by whom."""

from storage.ledger.entry import Entry, Head
from storage.ledger.ledger import Entries, Ledger
from storage.ledger.verification import Problem, Verdict

__all__ = ["Entries", "Entry", "Head", "Ledger", "Problem", "Verdict"]

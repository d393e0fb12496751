"""The bodies of entries: a model for each kind. A body that does not fit counts for nothing.

What a kind needs is required and typed; what else a writer adds is kept, for it is signed with the
rest. A family of kinds is a file; `table` lists them all.
"""

from storage.ledger.bodies.table import BODIES, KINDS, flaw_of

__all__ = ["BODIES", "KINDS", "flaw_of"]

"""What the digest of code leaves out, each with the reason why it cannot change what is kept.

A name stands for the module and, where it is a package, for all in it. What only they load is left
out with them.
"""

from __future__ import annotations

from typing import Final

_TOLD: Final = {
    "storage.telemetry": "lines about what was done; nothing that computes reads them",
    "tasks.dag.progress": "what a person is shown while they wait",
    "tasks.scheduler.page": "what Luigi's pages show of a task while it runs",
    "storage.leases": "who waits for whom; two writers of one key write the same",
    "storage.index": "passages for questions; nothing that runs a study opens it",
    "storage.warehouse": "a copy of rows for SQL; no stage reads it, and no signal",
}
OF_STAGES: Final = {
    **_TOLD,
    "storage.ledger": "what it says of a study, the first sealed day, is in the section of ingest; "
    "beyond that the lake only refuses to read",
    "storage.events": "who is told of a run; no stage opens a bus",
}
"""Left out of a stage's key."""

OF_PUBLISHING: Final = _TOLD
"""Left out of what an approval covers."""

_CARRIES: Final = "carries bytes; what is read is held against the sha256 that its manifest names"
_OF_QLIB: Final = "qlib imports it for what no backtest here uses: "
LIBRARIES: Final = {
    "luigi": "orders the tasks and hands them nothing",
    "distributed": "says where work is done; what is done there is this very code",
    "click": "how something is asked in a terminal",
    "rich": "how something is said in a terminal",
    "minio": _CARRIES,
    "obstore": _CARRIES,
    "urllib3": _CARRIES,
    "nsq-py": "carries events; a signal that is changed on the way does not verify",
    "cvxpy": f"{_OF_QLIB}its optimisers of portfolios",
    "gym": f"{_OF_QLIB}its reinforcement learning",
    "mlflow-skinny": f"{_OF_QLIB}records of experiments",
    "redis": f"{_OF_QLIB}a server for its cache",
    "python-redis-lock": f"{_OF_QLIB}a server for its cache",
    "setuptools": "builds packages; qlib asks for it to be installed",
}
"""Distributions whose version decides nothing; what only they need is left out with them."""

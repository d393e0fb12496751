"""One number for each symbol and time, and how well it foretells what it should.

The public functions are found here without being imported before they are asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tasks.signal.coefficient import information_coefficient as information_coefficient
    from tasks.signal.overlap import label_overlap as label_overlap
    from tasks.signal.scoring import label as label
    from tasks.signal.scoring import score as score
    from tasks.signal.summary import summarise as summarise

_HOMES = {
    "information_coefficient": "tasks.signal.coefficient",
    "label": "tasks.signal.scoring",
    "label_overlap": "tasks.signal.overlap",
    "score": "tasks.signal.scoring",
    "summarise": "tasks.signal.summary",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)

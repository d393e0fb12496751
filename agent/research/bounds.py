"""What a model may change of a study: how it decides, never on what data or at what cost. Pure.

A study is tried against the same prices, over the same time, at the same costs and delays as the
one it came from; otherwise a better figure would say nothing of the idea.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.drafts.changes import compare, describe_changes
from agent.assistant.grammar.drafts.document import put
from agent.research.rules import Variant
from agent.research.steps import read_study
from configs.errors import BadInput, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.research.rules import Plain
    from agent.research.steps import Step

FILE: Final = "the proposal"
MOST_CHANGES: Final = 4
KEYS: Final = (
    "features.define.NAME",
    "signal.expression",
    "aggregation.every",
    "aggregation.normalise",
    "aggregation.neutralise",
    "aggregation.winsorise",
    "backtest.strategy",
    "backtest.topk",
    "backtest.n_drop",
    "backtest.hold_bars",
    "backtest.weighting",
    "backtest.max_weight",
    "backtest.positive_only",
    "backtest.rebalance_bars",
    "backtest.suspend_on",
    "backtest.scale_on",
    "detection",
)
"""All that may be changed; NAME is a feature's."""
SECTIONS: Final = ("features", "aggregation", "signal", "backtest", "detection")
UNCHANGED: Final = ("costs", "benchmark", "start", "end", "account", "deal_price", "label")
"""Keys of these sections that a model is not shown, for it cannot change them."""
RULE: Final = "model"
"""The rule by which a free change was made."""
_FEATURE: Final = re.compile(r"features\.define\.[A-Za-z][A-Za-z0-9_]{0,63}")


def show_study(document: Plain) -> dict[str, Any]:
    """Return what may be changed of a study: neither its name nor its data is among it.

    Examples
    --------
    >>> show_study({"name": "a", "data": {"source": "sample"},
    ...             "backtest": {"topk": 2, "costs": {"open_bps": 5}}})
    {'backtest': {'topk': 2}}
    """
    shown: dict[str, Any] = {}
    for section in SECTIONS:
        part = document.get(section)
        if isinstance(part, dict):
            part = {key: value for key, value in part.items() if key not in UNCHANGED}
        if part:
            shown[section] = part
    return shown


def change(parent: Step, changes: Mapping[str, Any]) -> Variant:
    """Change a study within these bounds.

    Parameters
    ----------
    changes
        Dotted keys of `KEYS` to their new values; null leaves a key out.

    Raises
    ------
    BadInput
        Located: a key that may not be changed, too many of them, or no valid study.
    """
    if not 0 < len(changes) <= MOST_CHANGES:
        raise BadInput(
            f"{len(changes)} changes, where 1 to {MOST_CHANGES} are wanted",
            place=Place(FILE, key="changes"),
        )
    document = copy.deepcopy(parent.document)
    for key, value in changes.items():
        if key not in KEYS and not _FEATURE.fullmatch(key):
            raise BadInput(
                f"`{key[:80]}` may not be changed", hint=f"what may be: {', '.join(KEYS)}",
                place=Place(FILE, key="changes"),
            )  # fmt: skip
        put(document, key, value)
    before, after = (
        read_study(each).model_dump(mode="json") for each in (parent.document, document)
    )
    differing = compare(before, after)
    if not differing:
        raise BadInput(
            "nothing differs from the trial it is made of", place=Place(FILE, key="changes")
        )
    return Variant(RULE, describe_changes(differing), document)

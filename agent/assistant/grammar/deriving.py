"""What follows from what was said, and must be said of it too; the second of each pair is why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agent.assistant.grammar.drafts.document import get
from agent.assistant.grammar.saying.modelling import KIND, SETS
from agent.assistant.grammar.saying.reacting import REACTIONS, TYPES
from agent.assistant.grammar.studies import EXPRESSIONS, FAMILIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.words.sources import Source

LABEL: Final = "label.bars"
"""Over how many bars the return goes that is foretold."""

Follows = tuple[str, Any, str]
"""A key, its value, and why."""


def derive(
    values: Mapping[str, Any],
    symbols: tuple[str, ...],
    original: Plain,
    source: Source,
    *,
    topic: bool,
    others: bool,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Add what follows from what was said; the second is why.

    Parameters
    ----------
    values
        What was said, by the key of the fill.
    symbols
        What is studied.
    original
        The shipped study.
    source
        Where its bars are from.
    topic
        Whether the prompt names the study's idea.
    others
        Whether the prompt may name symbols that are not among these.
    """
    kept = {
        key: list(value) if isinstance(value, tuple) and not key.startswith("detection.") else value
        for key, value in values.items()
        if not key.startswith(("symbols.", "reaction."))
    }
    why: dict[str, str] = {}
    if symbols and set(symbols) != set(source.symbols):
        kept["data.symbols"] = list(symbols)
    if len(symbols) == 1 and not others and values.get("symbols.count", 1) == 1:
        _add(_timing(kept, original), kept, why)
    for rule in RULES:
        _add(rule(kept, values, original), kept, why)
    kept.pop(LABEL, None)
    if KIND in kept and not topic:
        _learn_from_sets(kept)
    drops: Any = kept.get("backtest.n_drop")
    if drops is not None and drops > _topk(kept, original):
        del kept["backtest.n_drop"]
    return kept, why


def _add(follows: Iterator[Follows], kept: dict[str, Any], why: dict[str, str]) -> None:
    for key, value, reason in follows:
        kept[key] = value
        why[key] = reason


def _topk(kept: Mapping[str, Any], original: Plain) -> int:
    return int(kept.get("backtest.topk", get(original, "backtest.topk")))


def _holding(kept: Mapping[str, Any], _: Mapping[str, Any], original: Plain) -> Iterator[Follows]:
    topk, count = _topk(kept, original), len(kept.get("data.symbols", ()))
    if count == 2 and "backtest.topk" not in kept:
        topk = 1
        yield "backtest.topk", 1, "of two symbols, so that there is a choice"
    drops = get(original, "backtest.n_drop", 1)
    if "backtest.n_drop" not in kept and drops > topk:
        yield "backtest.n_drop", topk, "not more than are held"
    elif "backtest.n_drop" not in kept and topk < count < topk + drops:
        yield "backtest.n_drop", count - topk, "not more than there are to replace them"


def _timing(kept: Mapping[str, Any], original: Plain) -> Iterator[Follows]:
    """One symbol has none to be ranked against: it is held while its own signal is above zero."""
    if "backtest.strategy" in kept:
        return
    why = "one symbol: held while its signal is above zero, cash otherwise"
    yield "backtest.strategy", "weights", why
    yield "backtest.positive_only", True, why
    if "backtest.topk" not in kept:
        yield "backtest.topk", 1, why
    compared = get(original, "aggregation.normalise", "none") != "none"
    if compared and "aggregation.normalise" not in kept:
        yield "aggregation.normalise", "none", "one symbol has no others to be compared with"


def _model(kept: Mapping[str, Any], _: Mapping[str, Any], __: Plain) -> Iterator[Follows]:
    """A model takes the place of the expression."""
    if KIND in kept:
        yield "signal.expression", None, "a model gives the signal"


def _reactions(
    kept: Mapping[str, Any], values: Mapping[str, Any], original: Plain
) -> Iterator[Follows]:
    """Patterns that are reacted to must be looked for, in the scope that is meant."""
    confidence = values.get("reaction.min_confidence")
    for key in REACTIONS:
        if f"{key}.types" not in kept:
            continue
        if confidence is not None:
            yield f"{key}.min_confidence", confidence, ""
        scope = kept.get(f"{key}.scope", "market")
        for kind in (kind for kind, found in TYPES.items() if found in kept[f"{key}.types"]):
            if scope == "market" and not _watched(original, kind, "market"):
                yield f"detection.{kind}.market", "on", "what is reacted to is looked for"
            elif scope == "symbol" and not _watched(original, kind, "symbol"):
                yield f"detection.{kind}", "on", "what is reacted to is looked for"
            if named := kept.get(f"{key}.detectors"):
                yield f"detection.{kind}.named", tuple(named), "what is reacted to is looked for"


def _label(kept: Mapping[str, Any], _: Mapping[str, Any], __: Plain) -> Iterator[Follows]:
    """A return from the next bar on, so that what is learnt can be traded."""
    if (bars := kept.get(LABEL)) is not None:
        text = f"Ref($close, -{bars + 1}) / Ref($close, -1) - 1"
        yield "signal.label", text, "from the next bar on, where a decision is traded"


def _watched(original: Plain, kind: str, scope: str) -> bool:
    return any(
        row["detector"] in FAMILIES[kind] and row.get("scope", "symbol") == scope
        for row in original.get("detection", [])
    )


RULES: Final[
    tuple[Callable[[Mapping[str, Any], Mapping[str, Any], Plain], Iterator[Follows]], ...]
] = (_holding, _model, _reactions, _label)


def _learn_from_sets(kept: dict[str, Any]) -> None:
    """Where a model is asked for and no idea, it learns from the sets and what was named."""
    if SETS not in kept:
        return
    said = {key.partition(".")[2]: bars for key, bars in kept.items() if key.startswith("window.")}
    kept["features.define"] = {
        name: EXPRESSIONS[name].format(n=bars) for name, bars in said.items()
    }

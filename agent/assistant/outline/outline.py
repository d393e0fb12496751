"""From bars, and a study to begin with if there is one, to the values of a TaskSpec."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.assistant.outline.choices import Choice, choose_backtest, first_study
from configs.errors import BadInput
from taskspecs.expressions import parse
from taskspecs.expressions.analysis import analyse, fields
from taskspecs.models import UnvalidatedWalkForwardSpec, WalkForwardSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.outline.facts import Facts

KEPT = ("strategy", "weighting", "max_weight", "positive_only", "rebalance_bars", "hold_bars",
        "trade_delay_bars", "suspend_on", "scale_on", "deal_price")  # fmt: skip
"""Keys of a base's backtest that are its idea, and not its market's."""
BETWEEN_SYMBOLS = frozenset({"breadth", "dispersion", "average_correlation"})
"""Series of the market that one symbol alone does not have."""
SECTIONS = (
    "name", "description", "data", "features", "aggregation", "signal", "detection", "discovery",
    "backtest",
)  # fmt: skip
"""What is written, in the order of the schema; a base's schedule and triggers are its own."""


class Outline(NamedTuple):
    """The values of a TaskSpec, and why some of them are what they are."""

    document: dict[str, Any]
    choices: tuple[Choice, ...]


def outline(
    name: str, facts: Facts, data: Mapping[str, Any], base: Mapping[str, Any] | None = None
) -> Outline:
    """Outline a study of some bars.

    Parameters
    ----------
    data
        The section that reads them.
    base
        The values of a TaskSpec whose idea is taken over; default momentum.

    Raises
    ------
    BadInput
        If the base reads what the bars do not have.
    """
    study = first_study(facts) if base is None else _idea(base, facts)
    chosen = choose_backtest(facts)
    choices = [*_left_out(study, facts), *_shortened(study, facts), *chosen]
    backtest: dict[str, Any] = {}
    for choice in chosen:
        backtest[choice.key.removeprefix("backtest.")] = choice.value
    if base is not None and not facts.single:
        backtest = _with_idea_of(base.get("backtest", {}), backtest)
    about = "Momentum" if base is None else f"The idea of {base['name']}"
    document = study | {
        "name": name,
        "description": f"{about} on {_who(facts)}, {facts.frequency} bars, "
        f"{facts.first} to {facts.last}.",
        "data": dict(data),
        "backtest": backtest,
    }
    ordered = {key: document[key] for key in SECTIONS if key in document}
    return Outline(ordered, tuple(choice for choice in choices if _holds(ordered, choice)))


def _who(facts: Facts) -> str:
    if len(facts.symbols) <= 5:
        return ", ".join(facts.symbols)
    return f"{len(facts.symbols):,} symbols"


def _idea(base: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Take over what a study computes and watches; coarser bars are as fine as its own."""
    wanted = ("features", "aggregation", "signal", "detection", "discovery")
    idea = {key: deepcopy(base[key]) for key in wanted if key in base}
    if facts.single and (aggregation := idea.get("aggregation")):
        # Ranks and differences of one symbol to itself say nothing, and hide its sign.
        for key in ("normalise", "neutralise", "groups", "winsorise"):
            aggregation.pop(key, None)
        if not aggregation:
            del idea["aggregation"]
    return idea


def _with_idea_of(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> dict[str, Any]:
    """Let a base say how it trades, and the bars how much of each."""
    kept = {key: deepcopy(theirs[key]) for key in KEPT if key in theirs}
    merged = kept | {key: value for key, value in ours.items() if key not in kept}
    if merged.get("strategy") == "weights":
        merged.pop("n_drop", None)
    order = ("strategy", "topk", "n_drop")
    return {key: merged[key] for key in (*order, *merged) if key in merged}


def _left_out(study: dict[str, Any], facts: Facts) -> list[Choice]:
    """Take out features and detectors of fields that the bars do not have, and say so."""
    features = study.get("features", {}).get("define", {})
    gone = {name for name, text in features.items() if _lacks(text, set(facts.missing))}
    for name in gone:
        del features[name]
    unknown = set(facts.missing | gone)
    if facts.single:
        unknown |= BETWEEN_SYMBOLS
    signal = study["signal"].get("expression")
    if signal and (lacking := _lacks(signal, unknown)):
        raise BadInput(
            f"the signal reads {', '.join(f'${name}' for name in sorted(lacking))}, which these "
            f"bars do not have",
            hint=f"they have no {', '.join(sorted(facts.missing - {'amount', 'vwap', 'factor'}))}; "
            "another --base, or a file with these columns",
        )
    _refuse_too_few(features, study, facts)
    detectors = [_watching(row, unknown) for row in study.get("detection", ())]
    study["detection"] = [row for row in detectors if row]
    return [
        Choice(f"features.define.{name}", None, "left out: the bars lack what it reads")
        for name in sorted(gone)
    ]


def _refuse_too_few(features: Mapping[str, str], study: Mapping[str, Any], facts: Facts) -> None:
    """Refuse a signal that looks further back than the bars reach."""
    signal = study["signal"].get("expression")
    if not signal:
        return
    used = fields(parse(signal))
    reach = [analyse(parse(signal)).lookback_rows or 0]
    reach += [analyse(parse(t)).lookback_rows or 0 for name, t in features.items() if name in used]
    if reach[0] + max(reach[1:], default=0) >= facts.bars:
        raise BadInput(
            f"the signal looks back {reach[0] + max(reach[1:], default=0):,} bars, and there are "
            f"{facts.bars:,}",
            hint="a longer file, or without --base: the look-back then fits the bars",
        )


def _shortened(study: dict[str, Any], facts: Facts) -> list[Choice]:
    """Shorten the windows of a model's walk-forward, where the bars do not hold two of them."""
    model = study["signal"].get("model")
    if not model:
        return []
    kind = UnvalidatedWalkForwardSpec if model["kind"] == "linear" else WalkForwardSpec
    windows = kind.model_validate(model.get("windows", {}))
    lengths = {key: getattr(windows, key) for key in ("train_bars", "valid_bars", "test_bars")}
    room = facts.bars - 2 * lengths["test_bars"]
    if sum(lengths.values()) <= room:
        return []
    share = facts.bars / (sum(lengths.values()) + 2 * lengths["test_bars"])
    shorter = {key: max(int(share * bars), 1) for key, bars in lengths.items() if bars}
    model["windows"] = {**model.get("windows", {}), **shorter}
    why = f"the bars are {facts.bars:,}: too few for {sum(lengths.values()):,} and two tests more"
    return [Choice(f"signal.model.windows.{key}", bars, why) for key, bars in shorter.items()]


def _watching(row: dict[str, Any], unknown: set[str]) -> dict[str, Any] | None:
    watch = [row["watch"]] if isinstance(row["watch"], str) else row["watch"]
    kept = [text for text in watch if not _lacks(text, unknown)]
    if not kept:
        return None
    return row if len(kept) == len(watch) else {**row, "watch": kept}


def _lacks(text: str, unknown: set[str]) -> set[str]:
    return set(fields(parse(text))) & unknown


def _holds(document: Mapping[str, Any], choice: Choice) -> bool:
    here: Any = document
    for part in choice.key.split("."):
        if not isinstance(here, dict) or part not in here:
            return choice.value is None
        here = here[part]
    return bool(here == choice.value)

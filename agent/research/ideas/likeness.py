"""When two studies are one idea: equal once what cannot change a result is taken out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from taskspecs.expressions import Call, Field, Number, fields, parse, to_text
from taskspecs.features import all_expressions
from taskspecs.identity import digest, resolved

if TYPE_CHECKING:
    from collections.abc import Mapping

    from taskspecs.expressions import Node
    from taskspecs.schema import BacktestSpec, TaskSpec

LEFT_OUT: Final = ("name", "description", "gate", "schedule", "triggers", "discovery", "features")
"""What has no part in what a strategy earns, or is said by what reads it."""
COMMUTE: Final = frozenset({"Add", "Mul"})


def fingerprint(spec: TaskSpec) -> str:
    r"""Return a digest that studies of one idea share, whatever they call it.

    Features count where the signal or a detector that acts reads them, and by what they compute.
    Every expression is written in one canonical way, sums and products in one order. Where symbols
    are held by rank, a positive multiple of a signal is the same signal.

    Examples
    --------
    >>> from taskspecs.load import parse as read
    >>> one = read("name: a\nfeatures: {define: {m: '$close/Ref($close,20)'}}\n"
    ...            "signal: {expression: '$m * 2 + $volume'}")
    >>> two = read("name: b\nfeatures: {define: {n: '$close / Ref($close, 20)', q: $open}}\n"
    ...            "signal: {expression: $volume + 2 * $n}")
    >>> fingerprint(one) == fingerprint(two)
    True
    """
    plain = {key: value for key, value in resolved(spec).items() if key not in LEFT_OUT}
    features = all_expressions(spec.features)
    signal: dict[str, Any] = {**plain["signal"]}
    if spec.signal.expression is None:
        plain["features"] = sorted(canonical(text, {}) for text in features.values())
    else:
        signal = {"expression": _ranked(spec.signal.expression, features, spec.backtest)}
    plain["signal"] = signal
    plain["detection"] = [
        {**row, "watch": _watched(row["watch"], features)}
        for row in (plain["detection"] if spec.backtest.reactions else [])
    ]
    return digest(plain)


def canonical(text: str, features: Mapping[str, str]) -> str:
    """Write an expression in one way; features stand there as what they compute.

    Examples
    --------
    >>> canonical("$m+$close * 2", {"m": "Mean($close,5)"})
    '$[Mean($close, 5)] + 2 * $close'
    """
    return to_text(_ordered(parse(text), features))


def _ordered(node: Node, features: Mapping[str, str]) -> Node:
    if isinstance(node, Field):
        text = features.get(node.name)
        return node if text is None else Field(f"[{canonical(text, {})}]")
    if not isinstance(node, Call):
        return node
    arguments = tuple(_ordered(argument, features) for argument in node.arguments)
    if node.operator in COMMUTE:
        arguments = tuple(sorted(arguments, key=_place))
    return Call(node.operator, arguments)


def _place(node: Node) -> tuple[bool, str]:
    """Put numbers first, so that a factor is found."""
    return not isinstance(node, Number), to_text(node)


def _ranked(text: str, features: Mapping[str, str], backtest: BacktestSpec) -> str:
    """Write a signal; without the positive factor in front of it, where only its order counts."""
    node = _ordered(parse(text), features)
    in_order = backtest.weighting != "proportional" and not backtest.positive_only
    while in_order and isinstance(node, Call) and node.operator == "Mul":
        factor, rest = node.arguments
        if not (isinstance(factor, Number) and factor.value > 0):
            break
        node = rest
    return to_text(node)


def _watched(watch: str | list[str], features: Mapping[str, str]) -> list[str]:
    texts = [watch] if isinstance(watch, str) else watch
    return [canonical(text, features) for text in texts]


def read_features(spec: TaskSpec) -> dict[str, str]:
    """Return the features that a signal reads, name to expression, in the order of the study."""
    features = all_expressions(spec.features)
    read = fields(parse(spec.signal.expression)) if spec.signal.expression else frozenset(features)
    return {name: text for name, text in features.items() if name in read}

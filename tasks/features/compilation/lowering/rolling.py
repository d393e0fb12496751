"""Rules of the operators over windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tasks.features.compilation.graph import Constant
from tasks.features.compilation.lowering.windows import (
    age,
    age_squared,
    comoment,
    extreme,
    fourth,
    pair,
    place,
    stream,
    third,
    to_float,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.features.compilation.graph import Graph, Operand

FLAT: Final = Constant(2e-5)
"""A standard deviation up to this counts as none, in correlations and R squared, as in qlib."""
MEDIAN: Final = Constant(2.0)
RANK: Final = Constant(3.0)


def mean(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Mean`."""
    s = stream(graph, x)
    return graph.add("Div", total(graph, s.values, n), total(graph, s.mask, n))


def add_up(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Sum`."""
    s = stream(graph, x)
    count = total(graph, s.mask, n)
    return graph.add("require", total(graph, s.values, n), count, Constant(1.0))


def count(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Count`: infinities count, as in pandas."""
    x = to_float(graph, x)
    return total(graph, graph.add("not_null", x), n)


def std(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Std`."""
    s = stream(graph, x)
    return graph.add("deviation", comoment(graph, s, s, n), total(graph, s.mask, n))


def var(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Var`."""
    s = stream(graph, x)
    return graph.add("variance", comoment(graph, s, s, n), total(graph, s.mask, n))


def skew(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Skew`."""
    s = stream(graph, x)
    moments = (third(graph, s, n), comoment(graph, s, s, n))
    return graph.add("skewness", *moments, total(graph, s.mask, n))


def kurt(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Kurt`."""
    s = stream(graph, x)
    moments = (fourth(graph, s, n), comoment(graph, s, s, n))
    return graph.add("kurtosis", *moments, total(graph, s.mask, n))


def largest(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Max`."""
    return _extreme(graph, x, n, "max", -float("inf"))


def smallest(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Min`."""
    return _extreme(graph, x, n, "min", float("inf"))


def _extreme(graph: Graph, x: Operand, n: int, which: str, missing: float) -> Operand:
    s = stream(graph, x)
    values = graph.add("filled", to_float(graph, x), Constant(missing))
    there = total(graph, s.mask, n)
    return graph.add("require", extreme(graph, values, n, which), there, Constant(1.0))


def place_of_max(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `IdxMax`: what is missing comes before every value, as numpy's argmax has it."""
    return _place(graph, x, n, "max", float("inf"))


def place_of_min(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `IdxMin`."""
    return _place(graph, x, n, "min", -float("inf"))


def _place(graph: Graph, x: Operand, n: int, which: str, missing: float) -> Operand:
    s = stream(graph, x)
    values = graph.add("filled", to_float(graph, x), Constant(missing))
    there = total(graph, s.mask, n)
    return graph.add("place_in_window", place(graph, values, n, which), there, Constant(n))


def quantile(graph: Graph, x: Operand, n: int, q: float) -> Operand:
    """Lower `Quantile`."""
    return graph.add("order", to_float(graph, x), Constant(n), Constant(float(q)))


def median(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Med`."""
    return graph.add("order", to_float(graph, x), Constant(n), MEDIAN)


def rank(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Rank`."""
    return graph.add("order", to_float(graph, x), Constant(n), RANK)


def absolute_deviation(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Mad`."""
    return graph.add("mean_absolute_deviation", to_float(graph, x), Constant(n))


def _line(graph: Graph, x: Operand, n: int) -> tuple[Operand, ...]:
    s = stream(graph, x)
    return (
        total(graph, s.mask, n),
        age(graph, s.mask, n),
        age_squared(graph, s.mask, n),
        total(graph, s.values, n),
        age(graph, s.values, n),
    )


def slope(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Slope`."""
    return graph.add("slope", *_line(graph, x, n))


def residual(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Resi`."""
    return graph.add("residual", to_float(graph, x), *_line(graph, x, n))


def rsquare(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `Rsquare`; over all rows so far qlib does not look for flat windows."""
    s = stream(graph, x)
    flat = FLAT if n else Constant(0.0)
    return graph.add("rsquare", *_line(graph, x, n), comoment(graph, s, s, n), flat)


def weighted_mean(graph: Graph, x: Operand, n: int) -> Operand:
    """Lower `WMA`."""
    s = stream(graph, x)
    rows = total(graph, graph.add("constant_one"), n)
    parts = (total(graph, s.mask, n), total(graph, s.values, n), age(graph, s.values, n))
    return graph.add("weighted", rows, *parts)


def exponential_mean(graph: Graph, x: Operand, n: float) -> Operand:
    """Lower `EMA`."""
    x = to_float(graph, x)
    if n == 0:
        return graph.add("expanding_exponential_mean", x)
    alpha = n if 0 < n < 1 else 2.0 / (n + 1.0)
    return graph.add("exponential_mean", x, Constant(float(alpha)))


def correlation(graph: Graph, x: Operand, y: Operand, n: int) -> Operand:
    """Lower `Corr`; whether a window is flat is asked of each series by itself, as in qlib."""
    a, b = pair(graph, x, y)
    moments = (comoment(graph, a, b, n), comoment(graph, a, a, n), comoment(graph, b, b, n))
    own = (std(graph, x, n), std(graph, y, n))
    return graph.add("correlation", *moments, total(graph, a.mask, n), *own, FLAT)


def covariance(graph: Graph, x: Operand, y: Operand, n: int) -> Operand:
    """Lower `Cov`."""
    a, b = pair(graph, x, y)
    return graph.add("variance", comoment(graph, a, b, n), total(graph, a.mask, n))


RULES: Final[dict[str, Callable[..., Operand]]] = {
    "Corr": correlation,
    "Count": count,
    "Cov": covariance,
    "EMA": exponential_mean,
    "IdxMax": place_of_max,
    "IdxMin": place_of_min,
    "Kurt": kurt,
    "Mad": absolute_deviation,
    "Max": largest,
    "Mean": mean,
    "Med": median,
    "Min": smallest,
    "Quantile": quantile,
    "Rank": rank,
    "Resi": residual,
    "Rsquare": rsquare,
    "Skew": skew,
    "Slope": slope,
    "Std": std,
    "Sum": add_up,
    "Var": var,
    "WMA": weighted_mean,
}
"""The rule of each operator; a window of 0 rows is all rows so far."""

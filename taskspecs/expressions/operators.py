"""The operators of the language: what each takes, gives, looks back on and costs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

MAX_WINDOW: Final = 100_000
"""Longest window and shift, in rows."""


class Kind(Enum):
    """What may stand in an operator's place; the value says it in an error."""

    SERIES = "a series, as $close"
    VALUE = "a series or a number"
    CONDITION = "a condition, as $close > $open"
    WINDOW = "a whole number of rows"
    SHIFT = "a whole number of rows; above 0 looks back, below 0 ahead"
    SPAN = "a whole number of rows, or a weight between 0 and 1"
    FRACTION = "a number from 0 to 1"
    TAIL = "a number from 0 to below 0.5"
    SYMBOL = "a quoted symbol, as 'AAPL'"
    ANY = "anything"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One place of an operator."""

    name: str
    kind: Kind
    least: int = 1
    """Smallest window that gives a value."""


Lookback = Literal["none", "window", "shift", "change", "all"]
Gives = Literal["number", "condition", "same"]


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the language."""

    name: str
    parameters: tuple[Parameter, ...]
    meaning: str
    example: str
    lookback: Lookback = "none"
    """`window`: the rows of its window, all when 0; `shift`, `change`: n rows; `all`: unbounded."""
    gives: Gives = "number"
    """`same`: a condition when every argument is one, otherwise a number."""
    cost: float = 1.0
    """Nanoseconds a row, about, on one core."""
    cost_per_row: float = 0.0
    """Nanoseconds a row for each row of the window, where windows are walked."""
    sign: str | None = None
    """The infix sign, if it has one."""
    scope: Literal["symbol", "cross"] = "symbol"
    """`cross`: compares symbols at one time."""
    qlib: bool = True
    """Whether qlib 0.9.7 has it; the others are ours."""
    refused: str | None = None
    """Why qlib has it and we do not compute it."""


_X: Final = Parameter("x", Kind.SERIES)
_Y: Final = Parameter("y", Kind.SERIES)
_A: Final = Parameter("a", Kind.VALUE)
_B: Final = Parameter("b", Kind.VALUE)
_N: Final = Parameter("n", Kind.WINDOW)
_SHIFT: Final = Parameter("n", Kind.SHIFT)
_ANY: Final = Parameter("x", Kind.ANY)


def _plain(
    name: str, meaning: str, example: str, gives: Gives = "number", cost: float = 1.0
) -> Operator:
    return Operator(name, (_X,), meaning, example, gives=gives, cost=cost)


def _infix(
    name: str, sign: str, meaning: str, gives: Gives = "same", cost: float = 1.0
) -> Operator:
    return Operator(
        name, (_A, _B), meaning, f"$close {sign} $open", gives=gives, cost=cost, sign=sign
    )


def _rolling(
    name: str, meaning: str, cost: float = 5.0, *, least: int = 1, cost_per_row: float = 0.0
) -> Operator:
    window = Parameter("n", Kind.WINDOW, least)
    return Operator(
        name,
        (_X, window),
        f"{meaning} of the last n rows; n = 0: of all rows so far",
        f"{name}($close, 20)",
        lookback="window",
        cost=cost,
        cost_per_row=cost_per_row,
    )


def _cross(name: str, meaning: str, example: str, *more: Parameter, cost: float = 60.0) -> Operator:
    return Operator(
        name,
        (_X, *more),
        f"{meaning}, across symbols at one time",
        example,
        cost=cost,
        scope="cross",
        qlib=False,
    )


def _refused(name: str, why: str) -> Operator:
    return Operator(name, (_ANY,), "qlib's own", name, refused=why)


_CONDITIONS: Final = (Parameter("a", Kind.CONDITION), Parameter("b", Kind.CONDITION))

_TABLE: Final = (
    _plain("Abs", "absolute value", "Abs($close - $open)", "same"),
    _plain("Sign", "-1, 0 or 1", "Sign($close - $open)"),
    _plain("Log", "natural logarithm", "Log($volume + 1)", cost=3.0),
    Operator("Neg", (_X,), "the negative", "-$close", sign="-", qlib=False),
    Operator(
        "Not", (_CONDITIONS[0],), "true where false", "Not($close > $open)", gives="condition"
    ),
    _infix("Power", "**", "a raised to b", "number", 10.0),
    _infix("Add", "+", "sum"),
    _infix("Sub", "-", "difference", "number"),
    _infix("Mul", "*", "product"),
    _infix("Div", "/", "quotient", "number"),
    Operator(
        "Greater", (_A, _B), "the larger of the two, row by row", "Greater($open, $close)",
        gives="same",
    ),
    Operator(
        "Less", (_A, _B), "the smaller of the two, row by row", "Less($open, $close)", gives="same"
    ),
    _infix("Gt", ">", "whether above", "condition"),
    _infix("Ge", ">=", "whether above or equal", "condition"),
    _infix("Lt", "<", "whether below", "condition"),
    _infix("Le", "<=", "whether below or equal", "condition"),
    _infix("Eq", "==", "whether equal", "condition"),
    _infix("Ne", "!=", "whether different", "condition"),
    Operator(
        "And", _CONDITIONS, "whether both are true", "($close > $open) & ($volume > 0)",
        gives="condition", sign="&",
    ),
    Operator(
        "Or", _CONDITIONS, "whether one is true", "($close > $open) | ($volume > 0)",
        gives="condition", sign="|",
    ),
    Operator(
        "If", (Parameter("condition", Kind.SERIES), _A, _B),
        "a where the condition holds, otherwise b", "If($close > $open, $volume, 0)", gives="same",
    ),
    Operator(
        "Ref", (_X, _SHIFT), "the value n rows ago; n = 0: the first value", "Ref($close, 1)",
        lookback="shift",
    ),
    Operator(
        "Delta", (_X, _SHIFT), "the change over n rows; n = 0: since the first row",
        "Delta($close, 5)", lookback="change", cost=2.0,
    ),
    _rolling("Mean", "mean"),
    _rolling("Sum", "sum"),
    _rolling("Std", "standard deviation (n - 1)", 10.0),
    _rolling("Var", "variance (n - 1)", 10.0),
    _rolling("Skew", "skewness", 30.0, least=3),
    _rolling("Kurt", "excess kurtosis", 30.0, least=4),
    _rolling("Max", "maximum", 4.0),
    _rolling("Min", "minimum", 4.0),
    _rolling("IdxMax", "position, from 1, of the first maximum", 8.0),
    _rolling("IdxMin", "position, from 1, of the first minimum", 8.0),
    Operator(
        "Quantile", (_X, _N, Parameter("q", Kind.FRACTION)),
        "quantile q, linear between neighbours, of the last n rows",
        "Quantile($close, 20, 0.8)", lookback="window", cost=20.0, cost_per_row=0.3,
    ),
    _rolling("Med", "median", 20.0, cost_per_row=0.3),
    _rolling("Mad", "mean absolute deviation from the mean", 5.0, cost_per_row=2.0),
    _rolling("Rank", "rank, as a share from 0 to 1, of the newest value among those", 20.0,
             cost_per_row=0.3),
    _rolling("Count", "number of values present", 3.0),
    _rolling("Slope", "slope against time of a straight line", 12.0),
    _rolling("Rsquare", "R squared of a straight line", 20.0),
    _rolling("Resi", "newest residual of a straight line", 12.0),
    _rolling("WMA", "sum weighted by 1, 2, ... n (over n (n + 1) / 2), divided by the count,", 8.0),
    Operator(
        "EMA", (_X, Parameter("n", Kind.SPAN)),
        "exponential mean with span n (0: all rows so far), or weight n when between 0 and 1",
        "EMA($close, 12)", lookback="all", cost=8.0,
    ),
    Operator(
        "Corr", (_X, _Y, _N), "correlation of the last n rows",
        "Corr($close, Log($volume + 1), 20)", lookback="window", cost=40.0,
    ),
    Operator(
        "Cov", (_X, _Y, _N), "covariance (n - 1) of the last n rows",
        "Cov($close, $volume, 20)", lookback="window", cost=20.0,
    ),
    _cross("CSRank", "rank as a share from 0 to 1; ties share their mean rank", "CSRank($close)"),
    _cross("CSZScore", "distance from the mean in standard deviations (n - 1)", "CSZScore($close)"),
    _cross("CSDemean", "distance from the mean", "CSDemean($close)", cost=15.0),
    _cross("CSScale", "value over the sum of absolute values", "CSScale($close)", cost=15.0),
    _cross(
        "CSWinsorise", "value held between the quantiles q and 1 - q", "CSWinsorise($close, 0.05)",
        Parameter("q", Kind.TAIL),
    ),
    _cross(
        "CSNeutralise", "distance from the mean of the symbols with the same `group`",
        "CSNeutralise($close, $sector)", Parameter("group", Kind.SERIES),
    ),
    Operator(
        "ChangeInstrument", (Parameter("symbol", Kind.SYMBOL), _X),
        "x of another symbol at the same time", "ChangeInstrument('SPY', $close)",
        cost=10.0, scope="cross",
    ),
    Operator(
        "Mask", (_X, Parameter("symbol", Kind.SYMBOL)), "x of another symbol at the same time",
        "Mask($close, 'SPY')", cost=10.0, scope="cross",
    ),
    _refused("TResample", "it changes the rows; `aggregation.every` samples in time"),
    _refused("Rolling", "name the statistic, as Mean($close, 20)"),
    _refused("Feature", "write the field as $close"),
    _refused("PFeature", "it needs qlib's point-in-time database; join such data as columns"),
    _refused("P", "it needs qlib's point-in-time database; join such data as columns"),
    _refused("PRef", "it needs qlib's point-in-time database; join such data as columns"),
)  # fmt: skip

OPERATORS: Final = {operator.name: operator for operator in _TABLE}
"""Every operator by name, in the order of the documentation."""

BY_SIGN: Final = {
    operator.sign: operator.name
    for operator in _TABLE
    if operator.sign and len(operator.parameters) == 2
}
"""The name of a two-sided infix sign."""

FOREIGN: Final = {
    "correlation": "Corr", "covariance": "Cov", "decay_linear": "WMA", "delay": "Ref",
    "lag": "Ref", "maximum": "Greater", "median": "Med", "minimum": "Less", "pow": "Power",
    "shift": "Ref", "sma": "Mean", "stddev": "Std", "ts_argmax": "IdxMax", "ts_argmin": "IdxMin",
    "ts_max": "Max", "ts_mean": "Mean", "ts_min": "Min", "ts_rank": "Rank", "ts_sum": "Sum",
    "where": "If",
}  # fmt: skip
"""What other formula languages call an operator."""

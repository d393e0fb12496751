"""The TaskSpec: what a person wants to know, complete enough to be run and repeated.

Both roads meet here: a prompt and an event end as a TaskSpec, and from a TaskSpec on there is one
road. The model refuses what it does not know; `taskspecs.load` says where in the file.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from configs.section import Section
from taskspecs.detectors import DetectorSpec
from taskspecs.discovery import DiscoverySpec
from taskspecs.frequencies import Frequency
from taskspecs.models import ModelSpec
from taskspecs.reactions import Reaction, Scaling, Suspension
from taskspecs.rerunning import ScheduleSpec, TriggerSpec

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Symbol = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._\-^=]{0,31}$")]
Expression = Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
FeatureName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")]
SetName = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z][a-z0-9_]{0,63}|[^\x00-\x1f\\]{1,250}\.ya?ml)$"),
]


def _by_name(values: dict[str, Any]) -> dict[str, Any]:
    """Sort a mapping, and those in it, by name."""
    return {
        name: _by_name(value) if isinstance(value, dict) else value
        for name, value in sorted(values.items())
    }


ByName = AfterValidator(_by_name)
"""Equal specs are equal to the byte, in whatever order their names were written."""

_DROPPED = re.compile(r"dropped(/(?!\.{1,2}(/|$))[A-Za-z0-9._=+@^-]+)+")
"""An object below the raw zone's folder for files that anyone drops."""

_STREAM = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""As `Name`."""

_OF_FILES = (
    *("symbol", "layout", "sheet", "encoding", "delimiter", "decimal", "dayfirst"),
    *("price_unit", "volume_unit", "amount_unit"),
)
"""Keys that say how a person's file is to be read, where its content does not tell."""
HOW_TO_READ = (*_OF_FILES, "adjust", "future")
"""The same, and what is made of it: what a person may set while looking at a file."""


class DataSpec(Section):
    """Which bars a study sees."""

    source: Literal["sample", "file", "lake", "stream"] = "sample"
    """`sample`: five real American shares, 2000 to 2013. `file`: your own file or folder of bars.
    `lake`: a file that was dropped into the lake. `stream`: the bars of a live source, made again
    from its journal."""
    path: str | None = None
    """The file, or a folder of one file a symbol: for source `file` below the workspace; for source
    `lake` below the raw zone, where files are dropped, as `dropped/prices.csv`. For source `stream`
    the name of the live source."""
    columns: Annotated[dict[str, str], ByName] = Field(default_factory=dict)
    """Your column names where they cannot be guessed, as `close: Last`; not for `sample`."""
    timezone: str | None = None
    """The zone of time stamps that carry none, as `America/New_York`; default UTC."""
    session_close: (
        Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None
    ) = None
    """Local time at which a day's bar is complete, as `16:00`; default the end of the day."""
    symbol: Symbol | None = None
    """The symbol of a file that holds one and does not name it; default by the file's name."""
    layout: Literal["long", "wide"] | None = None
    """`long`: a row for each symbol and time. `wide`: a column of closes for each symbol. Default
    by the headings."""
    sheet: str | None = None
    """The sheet of a workbook; default the one that holds bars."""
    encoding: str | None = None
    """The encoding of a text, as `cp1252`; default by its content."""
    delimiter: Annotated[str, StringConstraints(min_length=1, max_length=1)] | None = None
    """What stands between the cells of a text; default by its content."""
    decimal: Literal[".", ","] | None = None
    """The decimal mark; default by all numbers together."""
    dayfirst: bool | None = None
    """Whether the day stands before the month in dates as 01/02/2020; default by all dates
    together."""
    price_unit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """What prices are multiplied by, as 0.0001 where they are written in hundredths of a cent;
    default 1."""
    volume_unit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Shares in one of the file's units of volume, as 100 for lots; default told by amounts."""
    amount_unit: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    """Money in one of the file's units of amount, as 1000; default told by volumes."""
    future: Literal["drop", "keep"] = "drop"
    """Bars that end after the file was taken in are not complete, or made up; `keep` is for
    simulated data."""
    symbols: Annotated[tuple[Symbol, ...], Field(max_length=20_000)] | None = None
    """The symbols to keep; default all."""
    start: date | None = None
    """First day, inclusive; default the first there is."""
    end: date | None = None
    """Last day, inclusive; default the last there is."""
    frequency: Frequency = "day"
    """Distance between the bars of the source."""
    adjust: bool = True
    """Use prices adjusted for splits and dividends where the source knows them."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.source == "sample") != (self.path is None):
            raise ValueError(
                "`path` goes with source `file`, `lake` or `stream`, and these need `path`"
            )
        if self.source == "lake" and not _DROPPED.fullmatch(str(self.path)):
            raise ValueError(
                f"`{self.path}` cannot be in the lake: as `dropped/prices.csv`, of letters, digits "
                "and ._=+@^-, without `..`"
            )
        if self.source == "stream" and not _STREAM.fullmatch(str(self.path)):
            raise ValueError(f"`{self.path}` is no name of a live source, as `binance_trades`")
        for key in ("columns", *_OF_FILES):
            if self.source in {"sample", "stream"} and getattr(self, key):
                raise ValueError(f"`{key}` goes with source `file` or `lake`")
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"start {self.start} must be before end {self.end}")
        return self

    @property
    def zone(self) -> str:
        """The zone in which this source's days are counted and shown."""
        return self.timezone or ("America/New_York" if self.source == "sample" else "UTC")


class FeaturesSpec(Section):
    """What is computed from bars, symbol by symbol, in qlib's expression language."""

    sets: tuple[SetName, ...] = ()
    """Named sets of expressions, as `kbar`; or files of your own in the workspace, as `mine.yaml`,
    each entry of which is a name and an expression."""
    define: Annotated[dict[FeatureName, Expression], ByName] = Field(default_factory=dict)
    """Your own: a name and its expression, as `momentum: $close / Ref($close, 120) - 1`; one of a
    set's name, as `VWAP0`, stands in its place."""
    files: Annotated[dict[SetName, dict[FeatureName, Expression]], ByName] = Field(
        default_factory=dict
    )
    """What the files among `sets` said when the spec was read; not written by hand."""


class GroupsSpec(Section):
    """Which group, as a sector, each symbol belongs to: in a file, or written out."""

    path: str | None = None
    """A CSV in the workspace with a row for each symbol; what it says is kept with the run."""
    symbol: str = "symbol"
    """The file's column of symbols."""
    group: str = "group"
    """The file's column of groups."""
    members: dict[Symbol, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(
        default_factory=dict, max_length=20_000
    )
    """Symbol to group; read from the file where one is named."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.path is None and not self.members:
            raise ValueError("groups need a `path` to a CSV, or `members` written out")
        return self


class AggregationSpec(Section):
    """How bars become coarser, and features of many symbols comparable at one time."""

    bars: Frequency | None = None
    """Distance between the bars that the study works on, made of those of the source; default
    `data.frequency`. Features, signal, detection and backtest count these bars."""
    calendar: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_/]{2,16}$")] | None = None
    """The exchange whose sessions bound these bars, as `XNYS`, `XSHG`, `24/7` (by
    exchange-calendars); default the clock of `data.timezone` and `data.session_close`."""
    every: Frequency | None = None
    """Decide at the first bar at which such a period is known to be over; default every bar."""
    normalise: Literal["none", "zscore", "rank", "robust_zscore"] = "none"
    """How features are made comparable across symbols at one time."""
    neutralise: Literal["none", "market", "group"] = "none"
    """What is removed from features across symbols before they are normalised: nothing, the mean of
    all, or the mean of the symbol's group."""
    groups: GroupsSpec | None = None
    """The groups of symbols; for neutralise `group`."""
    winsorise: Annotated[float, Field(gt=0, lt=0.5)] | None = None
    """The share of symbols at each end whose values are pulled in to the next, before anything
    else, as 0.01; default none."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.neutralise == "group") != (self.groups is not None):
            raise ValueError("`groups` goes with neutralise `group`, which needs it")
        if self.calendar and not self.bars:
            raise ValueError("`calendar` says where coarser bars end: it goes with `bars`")
        return self


class SignalSpec(Section):
    """One number for each symbol and time, from an expression or a model; more is better."""

    expression: Expression | None = None
    """Over features (`$momentum`) and bars (`$close`), in the same language."""
    model: ModelSpec | None = None
    """Learns the label from all features, window by window; there is no signal before its first
    test window."""
    label: Expression = "Ref($close, -2) / Ref($close, -1) - 1"
    """What the signal is judged against (information coefficient), and what a model learns; only
    here may an expression look ahead."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.expression is None) == (self.model is None):
            raise ValueError("a signal has either an `expression` or a `model`")
        return self


class CostsSpec(Section):
    """What trading costs; none of it is zero unless you write zero."""

    open_bps: Annotated[float, Field(ge=0, lt=1_000)] = 5.0
    """Cost of buying, in basis points of the traded value."""
    close_bps: Annotated[float, Field(ge=0, lt=1_000)] = 15.0
    """Cost of selling, in basis points of the traded value."""
    min_fee: Annotated[float, Field(ge=0)] = 5.0
    """Least fee of one order, in money."""
    slippage_bps: Annotated[float, Field(ge=0, lt=1_000)] = 2.0
    """Price paid above, or received below, the bar's price, in basis points; on both sides."""


STRATEGY_KEYS = {
    "topk_dropout": ("hold_bars",),
    "weights": ("weighting", "max_weight", "positive_only"),
}
"""Keys that only one strategy looks at; `n_drop` is older, and a spec may carry it along."""


class BacktestSpec(Section):
    """How a signal is traded, and what it is compared with."""

    strategy: Literal["topk_dropout", "weights"] = "topk_dropout"
    """`topk_dropout`: hold the best k, replace at most `n_drop` a period (qlib's). `weights`: bring
    the best k to weights that follow from their scores (qlib's weight strategy)."""
    topk: Annotated[int, Field(ge=1, le=5_000)] = 2
    """How many symbols are held."""
    n_drop: Annotated[int, Field(ge=0, le=5_000)] = 1
    """How many of them may be replaced at one time; only with `topk_dropout`."""
    hold_bars: Annotated[int, Field(ge=1, le=100_000)] = 1
    """Bars that a symbol is held at least; only with `topk_dropout`."""
    weighting: Literal["equal", "rank", "proportional"] = "equal"
    """With `weights`: the same for each; by rank, the worst one part, the next two, and so on; or
    in proportion to scores, of which those of zero and below get nothing."""
    max_weight: Annotated[float, Field(gt=0, le=1)] = 1.0
    """With `weights`: the most of one symbol. What is above goes to the others in proportion, while
    they have room; the rest stays in cash."""
    positive_only: bool = False
    """With `weights`: leave out scores of zero and below."""
    rebalance_bars: Annotated[int, Field(ge=1, le=100_000)] = 1
    """Bars between the decisions that are traded, at least; those between are passed over."""
    trade_delay_bars: Annotated[int, Field(ge=1, le=10_000)] = 1
    """Bars from a decision to its orders: 1 for the next bar."""
    suspend_on: Suspension | None = None
    """Patterns that stop buying; default none."""
    scale_on: Scaling | None = None
    """Patterns that make decisions invest less; default none."""
    account: Annotated[float, Field(gt=0)] = 1_000_000.0
    """Money at the start."""
    deal_price: Literal["close", "open"] = "close"
    """The price of its bar at which an order is filled."""
    trade_unit: Annotated[int, Field(ge=1)] = 1
    """Shares in a lot."""
    limit_threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Daily price limit beyond which nothing can be traded, as 0.095; default none."""
    costs: CostsSpec = CostsSpec()
    benchmark: Literal["equal_weight"] | Symbol = "equal_weight"
    """`equal_weight` of all symbols, rebalanced every bar, without costs; or a symbol."""
    start: date | None = None
    """First day of trading; default the first with a signal."""
    end: date | None = None
    """Last day of trading; default the last there is."""

    @field_validator("strategy", mode="before")
    @classmethod
    def _long_only(cls, strategy: object) -> object:
        if strategy in {"long_short", "long-short", "market_neutral"}:
            raise ValueError(
                f"{strategy} cannot be traded: qlib, which judges, holds no short positions; every "
                "result has the long-short spread of its signal beside it (figures long_short_*)"
            )
        return strategy

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.strategy == "topk_dropout" and self.n_drop > self.topk:
            raise ValueError(f"n_drop {self.n_drop} must not be above topk {self.topk}")
        if self.start and self.end and self.start >= self.end:
            raise ValueError(f"start {self.start} must be before end {self.end}")
        other = next(name for name in STRATEGY_KEYS if name != self.strategy)
        for name in STRATEGY_KEYS[other]:
            default = type(self).model_fields[name].default
            if name in self.model_fields_set and getattr(self, name) != default:
                raise ValueError(f"{name} goes with strategy {other}, not {self.strategy}")
        if self.strategy == "topk_dropout" and self.scale_on and self.scale_on.scope == "symbol":
            raise ValueError(
                "scale_on with scope symbol goes with strategy weights: topk_dropout divides its "
                "money evenly"
            )
        return self

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """The reactions to patterns, where there are any."""
        return tuple(each for each in (self.suspend_on, self.scale_on) if each)


class GateSpec(Section):
    """What happens with a finished run."""

    propose: bool = True
    """Submit the strategy to the gate, at stage dryrun."""


class TaskSpec(Section):
    """A whole study."""

    name: Name
    """Names the study and its strategy; lower case, digits, underscores."""
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """What a person would search for."""
    data: DataSpec = DataSpec()
    features: FeaturesSpec = FeaturesSpec()
    aggregation: AggregationSpec = AggregationSpec()
    signal: SignalSpec
    detection: tuple[DetectorSpec, ...] = ()
    """Detectors and what they watch."""
    discovery: DiscoverySpec = DiscoverySpec()
    """Which of their alarms are patterns, at what share of false ones."""
    backtest: BacktestSpec = BacktestSpec()
    schedule: ScheduleSpec | None = None
    """Run again by the clock; default never."""
    triggers: tuple[TriggerSpec, ...] = ()
    """Run again when something happens."""
    gate: GateSpec = GateSpec()

    @property
    def frequency(self) -> Frequency:
        """Distance between the bars that the study works on."""
        return self.aggregation.bars or self.data.frequency

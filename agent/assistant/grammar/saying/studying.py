"""What a prompt says about the study: symbols, windows, detectors, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask, Fill
from agent.assistant.grammar.words.making import claim, said, slot, valued
from agent.assistant.grammar.words.quantities import BARS, Duration

if TYPE_CHECKING:
    from agent.assistant.grammar.words.lexeme import Lexeme
    from agent.assistant.grammar.words.making import Make, Matched

MAIN: Final = "main"
"""The feature that the chosen study is about."""

FEATURES: Final = frozenset({"FEATURE"})
"""What follows a duration that is its own window."""

ENDS: Final = frozenset({"SEP", "DOT", "MARK", "PAREN"})
"""What ends a remark."""

LONGEST_WINDOW_BARS: Final = 504
"""Two years; what is longer is hardly meant as a window."""

HALF_A_YEAR_BARS: Final = 126

SURELY_WINDOW: Final = frozenset({"bar", "day", "week"})
"""`the last 60 days' momentum` is a window; of months and years it may be the period as well."""


def _bars(duration: Duration) -> int | None:
    bars = duration.bars
    return bars if bars and bars <= LONGEST_WINDOW_BARS else None


def window_fill(feature: str, duration: Duration) -> Made | None:
    """Fill a feature's window; None where it is too long for one."""
    return slot(Fill(f"window.{feature}", duration)) if _bars(duration) else None


def feature_of(lexeme: Lexeme) -> str:
    """Return the feature that a lexeme names."""
    return f"topic.{lexeme.value}" if lexeme.kind in {"TOPIC", "RANKED"} else str(lexeme.value)


def _window(m: Matched) -> Made | None:
    return window_fill(feature_of(m["f"]) if "f" in m else MAIN, m["d"].value)


def _apart(m: Matched) -> Made | None:
    """``momentum, 45 days``: where nothing else claims the days, and they are not years."""
    duration: Duration = m["d"].value
    if m["f"].kind != "TOPIC" or duration.unit not in SURELY_WINDOW | {"month"}:
        return None
    return _window(m)


def _single_window(m: Matched) -> Made | None:
    """``last week's losers``."""
    unit = m["u"].value
    return window_fill(feature_of(m["f"]), Duration(1, unit)) if unit in BARS else None


def _window_in_bars(m: Matched) -> Made | None:
    bars = m["n"].value.whole
    if bars > LONGEST_WINDOW_BARS:
        return None
    feature = feature_of(m["f"]) if "f" in m else MAIN
    return slot(Fill(f"window.{feature}", bars, "counted in daily bars"))


def _months(m: Matched) -> Made | None:
    duration = Duration(m["n"].value.whole, "month")
    return window_fill(feature_of(m["f"]), duration) if m["u"].glued else None


def _recent_window(m: Matched) -> Made | None:
    """``past 20 days' momentum`` is a window, ``last five years' momentum`` a period."""
    duration: Duration = m["d"].value
    bars = _bars(duration)
    if duration.unit in SURELY_WINDOW and bars and bars <= HALF_A_YEAR_BARS:
        return _window(m)
    if bars and duration.unit in SURELY_WINDOW | {"month"}:
        return Made("ASK", Ask("window_or_period", {"a": duration}))
    return None


def _ranked(m: Matched) -> Made | None:
    """``the 2 biggest losers of the past 5 days`` says how many, and over how long."""
    window = _window(m)
    return slot(Fill("backtest.topk", m["n"].value.whole), *window.value) if window else None


def _best_of(m: Matched) -> Made | None:
    """``the 2 best of the past 20 days``."""
    made = _recent_window(m)
    if made is None or made.kind == "ASK":
        return made
    return slot(Fill("backtest.topk", m["n"].value.whole), *made.value)


def _count_of_all(m: Matched) -> Made:
    """``the five stocks`` says how many there are; that is checked, not obeyed."""
    return slot(Fill("symbols.count", m["n"].value.whole))


def _one_symbol(m: Matched) -> Made | None:
    symbols = m["v"].value
    return slot(Fill("backtest.benchmark", symbols[0])) if len(symbols) == 1 else None


def _symbols(key: str) -> Make:
    def make(m: Matched) -> Made:
        fills = [Fill(key, m["v"].value)]
        if "n" in m:
            fills.append(Fill("symbols.count", m["n"].value.whole))
        return slot(*fills)

    return make


def _everything(m: Matched) -> Made:
    fills = [Fill("symbols.take", None)]
    if "n" in m:
        fills.append(Fill("symbols.count", m["n"].value.whole))
    return slot(*fills)


WINDOWS: Final[tuple[tuple[str, Make], ...]] = (
    ("d=DUR DASH? f=FEATURE DASH? WINDOW?", _window),
    ("d=DUR WINDOW f=FEATURE WINDOW?", _window),
    ("f=FEATURE PAREN? OVER? WINDOW? PAREN? d=DUR WINDOW? PAREN?", _window),
    ("f=RANKED IN? LAST? d=DUR", _window),
    ("IN? LAST d=DUR f=RANKED", _window),
    ("IN? LAST u=UNIT f=RANKED", _single_window),
    ("HOLD? TOP|RANKTOP? n=COUNT TOP|RANKTOP? f=RANKED IN? LAST d=DUR", _ranked),
    ("f=FEATURE WINDOW PAREN? n=COUNT", _window_in_bars),
    ("f=FEATURE PAREN n=COUNT PAREN", _window_in_bars),
    ("WINDOW IN? n=COUNT", _window_in_bars),
    ("n=COUNT DASH? u=M f=FEATURE", _months),
    ("d=DUR DASH? WINDOW", _window),
    ("WINDOW IN? d=DUR", _window),
    ("HOLD? IN? LAST d=DUR TOP|RANKTOP n=COUNT COUNTER? STOCK?", _best_of),
    ("HOLD? TOP|RANKTOP n=COUNT COUNTER? STOCK? IN? LAST d=DUR", _best_of),
    ("IN? LAST d=DUR f=FEATURE", _recent_window),
    ("f=FEATURE WINDOW? OVER? LAST d=DUR", _recent_window),
)
"""Over how many bars features look back."""

COMPARISONS: Final[tuple[tuple[str, Make], ...]] = (
    ("AGAINST EQUALWEIGHT BENCH? PORTFOLIO?", said("backtest.benchmark", "equal_weight")),
    ("BENCH EQUALWEIGHT PORTFOLIO?", said("backtest.benchmark", "equal_weight")),
    ("AND? EQUALWEIGHT PORTFOLIO? BENCH|AGAINST", said("backtest.benchmark", "equal_weight")),
    ("EQUALWEIGHT PORTFOLIO? BENCH AGAINST?", said("backtest.benchmark", "equal_weight")),
    ("AGAINST BENCH? v=SYMBOLS BENCH?", _one_symbol),
    ("BENCH v=SYMBOLS", _one_symbol),
    ("AND? v=SYMBOLS BENCH AGAINST?", _one_symbol),
    ("AGAINST BENCH", claim),
    ("AND? BENCH AGAINST", claim),
    ("AGAINST? BENCH? v=ELSEWHERE BENCH?",
     lambda m: Made("ASK", Ask("elsewhere", {"a": m["v"].value}))),
    ("v=NORMALISE", valued("aggregation.normalise")),
    ("v=ADJUST DATA?", valued("data.adjust")),
)  # fmt: skip
"""What results are compared with, and how symbols are made comparable."""


def _label(m: Matched) -> Made | None:
    """``label: next week's return``: from the next bar, at which a decision is traded."""
    duration = m["w"].value if "w" in m else Duration(1, m["u"].value)
    if duration.unit not in BARS or (duration.bars or 0) > LONGEST_WINDOW_BARS:
        return None
    return slot(Fill("label.bars", duration))


LABELS: Final[tuple[tuple[str, Make], ...]] = (
    ("LABEL FILL? NEXT FILL? w=DUR FILL?", _label),
    ("LABEL FILL? NEXT FILL? u=UNIT FILL?", _label),
    ("LABEL FILL? w=DUR NEXT|ONWARDS FILL?", _label),
    ("LABEL NEXT? x=NEXTDAY FILL?", lambda _: slot(Fill("label.bars", Duration(1, "bar")))),
)
"""What a signal is judged against, and what a model learns."""


UNIVERSE: Final[tuple[tuple[str, Make], ...]] = (
    ("ONLY? HOLD? IN? FOLLOWED? v=SYMBOLS ONLY?", _symbols("symbols.take")),
    ("ONLY? HOLD? v=SYMBOLS n=COUNT COUNTER? STOCK", _symbols("symbols.take")),
    ("ONLY? HOLD? v=SYMBOLS n=COUNT COUNTER", _symbols("symbols.take")),
    ("n=COUNT COUNTER? STOCK v=SYMBOLS", _symbols("symbols.take")),
    ("NEG|EXCEPT HOLD? IN? v=SYMBOLS EXCEPT?", _symbols("symbols.leave")),
    ("v=SYMBOLS EXCEPT", _symbols("symbols.leave")),
    ("ALL n=COUNT? COUNTER? STOCK", _everything),
    ("n=ALLCOUNT COUNTER? STOCK", _count_of_all),
)
"""Which symbols are studied."""


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    windows = (Rule(pattern, make, FEATURES) for pattern, make in WINDOWS)
    apart = Rule("f=TOPIC SEP d=DUR", _apart, only_before=ENDS)
    others = (Rule(pattern, make) for pattern, make in (*COMPARISONS, *LABELS, *UNIVERSE))
    return (*windows, apart, *others)

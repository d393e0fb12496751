"""The paper account on a page: what it is worth, what it holds, and what it should hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from configs.figures import label, say, say_figure
from configs.numbers import NONE, percent, plain, signed_percent, whole
from tasks.report.plot_page import line_colour, render_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tasks.backtest.result import BacktestResult

CAUSES = ("fill", "timing", "signal", "data")
FIGURES = (
    "paper_return", "backtest_return", "divergence", *(f"divergence_{name}" for name in CAUSES),
    "drawdown", "input_drift", "stale_hours", "history_revised",
)  # fmt: skip
MEANINGS = {
    "paper_return": "what the account gained",
    "backtest_return": "what the backtest of the same bars gains",
    "divergence": "how far the two are apart",
    "divergence_fill": "of it: bars were revised after they were dealt at",
    "divergence_timing": "of it: signals were missing or late",
    "divergence_signal": "of it: code was changed after a signal was published",
    "divergence_data": "of it: data were revised after a signal was published",
    "drawdown": "the worst fall of the account",
    "input_drift": "how far the bars are from those of the evidence",
    "stale_hours": "age of the newest bar at the last run",
    "history_revised": "whether bars of the evidence were changed",
}
SIGNALS_SHOWN = 20


@dataclass(frozen=True, slots=True, eq=False)
class PaperView:
    """A paper account as it stands.

    Attributes
    ----------
    strategy, stage
        Whose it is, and where that stands.
    since
        When it came there, UTC.
    account
        The account; none before the first bar to deal at.
    wanted
        ``symbol, weight``: what the newest signal asks for.
    figures
        How it fares, by name.
    signals
        Times of the published signals and when each was published, the oldest first.
    """

    strategy: str
    stage: str
    since: datetime
    account: BacktestResult | None
    wanted: pl.DataFrame
    figures: Mapping[str, float | None]
    signals: Sequence[tuple[datetime, datetime]]

    @property
    def worth(self) -> float | None:
        """Money and holdings at the last bar."""
        return None if self.account is None else float(self.account.equity["account"][-1])

    def holdings(self) -> list[dict[str, Any]]:
        """Return a row a symbol: what is held at the last bar, and the weight that is wanted."""
        held = {row["symbol"]: row for row in self._last().to_dicts()}
        wanted = dict(self.wanted.select("symbol", "weight").iter_rows())
        rows = []
        for symbol in sorted({*held, *wanted}):
            own = held.get(symbol, {})
            weight, target = own.get("weight", 0.0), wanted.get(symbol, 0.0)
            rows.append(
                {
                    "symbol": symbol, "shares": own.get("shares", 0.0), "price": own.get("price"),
                    "value": own.get("value", 0.0), "weight": weight, "wanted": target,
                    "to do": target - weight,
                }
            )  # fmt: skip
        return rows

    def _last(self) -> pl.DataFrame:
        if self.account is None:
            return pl.DataFrame(schema={"symbol": pl.String})
        last = self.account.equity["ts"].max()
        return self.account.positions.filter(pl.col("ts") == last)


HEADS = ("symbol", "shares", "price", "value", "weight", "wanted", "to do")


def holding_texts(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Write holdings for a person, in the order of :data:`HEADS`."""
    return [
        (
            row["symbol"], whole(row["shares"]), plain(row["price"]), whole(row["value"]),
            percent(row["weight"]), percent(row["wanted"]), signed_percent(row["to do"]),
        )
        for row in rows
    ]  # fmt: skip


def facts(view: PaperView) -> dict[str, str]:
    """Return what is said first of an account."""
    equity = None if view.account is None else view.account.equity
    return {
        "stands at": f"{view.stage} since {view.since:%Y-%m-%d %H:%M} UTC",
        "account": say(view.worth, "money"),
        "return": percent(view.figures.get("paper_return"), 2),
        "in cash": NONE if equity is None or not view.worth else
        percent(float(equity["cash"][-1]) / view.worth),
        "bars": NONE if equity is None else f"{len(equity):,}",
        "signals": f"{len(view.signals):,}",
    }  # fmt: skip


def figure_rows(view: PaperView) -> list[tuple[str, str, str]]:
    """Return name, value and meaning of each figure that is known."""
    return [
        (label(name), say_figure(name, view.figures[name]), MEANINGS[name])
        for name in FIGURES
        if view.figures.get(name) is not None
    ]


def draw(view: PaperView) -> str:
    """Draw an account.

    Returns
    -------
    str
        HTML with styles, scripts and data inside; it fetches nothing. Equal input, equal text.
    """
    newest = reversed(view.signals[-SIGNALS_SHOWN:])
    return render_plot(
        "tasks.live.paper",
        _figure(view),
        HEADS,
        holding_texts(view.holdings()),
        title=view.strategy,
        label="Growth of one, after costs, and its benchmark",
        about="The paper account of this strategy: what came of the signals that it published.",
        facts=list(facts(view).items()),
        words=("meaning", "of", "published", "figure"),
        more=[
            ("How it fares", ("figure", "value", "meaning"), figure_rows(view)),
            (
                "Its newest signals",
                ("of", "published"),
                [(f"{ts:%Y-%m-%d %H:%M} UTC", f"{at:%Y-%m-%d %H:%M} UTC") for ts, at in newest],
            ),
        ],
    )


def _figure(view: PaperView) -> dict[str, Any] | None:
    """Draw the account and its benchmark; nothing before the first bar."""
    if view.account is None:
        return None
    equity = view.account.equity
    times = equity["ts"].dt.strftime("%Y-%m-%d %H:%M").to_list()
    lines = {"the account": "net_return", "its benchmark": "benchmark_return"}
    return {
        "data": [
            {
                "type": "scatter", "mode": "lines+markers" if len(times) < 60 else "lines",
                "name": name, "x": times,
                "y": (1 + equity[column].fill_null(0)).cum_prod().round(6).to_list(),
                "line": {"color": line_colour(number), "width": 2},
            }
            for number, (name, column) in enumerate(lines.items())
        ],
        "layout": {
            "height": 360, "hovermode": "x unified", "legend": {"orientation": "h"},
            "margin": {"t": 20, "b": 40, "l": 56, "r": 16}, "xaxis": {},
            "yaxis": {"title": {"text": "growth of 1"}, "tickformat": ".3f"},
        },
    }  # fmt: skip

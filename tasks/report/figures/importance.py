"""What features do for a model: in its fits, and out of sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
import polars as pl

from tasks.report.figures.drawing import BENCHMARK, RULE, STRATEGY, Drawing, Key, assemble

if TYPE_CHECKING:
    from tasks.report.inputs import ReportInputs

MOST_FEATURES = 20
PIXELS_A_FEATURE = 26
KINDS = (
    ("permutation", "fall of the rank IC without it", STRATEGY, "x"),
    ("gain", "share of the fit", BENCHMARK, "x2"),
)


def draw_importance(inputs: ReportInputs) -> Drawing | None:
    """Draw the features that matter most out of sample, beside their share of the fits.

    Returns
    -------
    Drawing or None
        None without a model, or where no feature was used.

    Notes
    -----
    Look-ahead: importance by permutation looks at labels of test windows: for judging only.
    """
    if inputs.importance.is_empty():
        return None
    means = inputs.importance.group_by("feature", maintain_order=True).agg(
        pl.col("gain", "permutation").mean()
    )
    used = means.filter(pl.col("gain") > 0)
    if used.is_empty():
        return None
    shown = used.sort(["permutation", "gain"], descending=True, nulls_last=True)
    shown = shown.head(MOST_FEATURES).reverse()
    best = shown.row(-1, named=True)
    title = f"{best['feature']} matters most out of sample"
    if best["permutation"] is None:
        title = "What the fits used"
    elif best["permutation"] <= 0:
        title = "No feature helped out of sample"
    return Drawing(
        name="importance",
        title=title,
        alternative=f"Pairs of bars, one pair a feature, means over all windows. {title}.",
        plot=assemble(
            [_bars(shown, *kind) for kind in KINDS],
            inputs.clock,
            hovermode="y unified",
            xaxis=_axis("fall of the mean rank IC", [0, 0.48]),
            xaxis2=_axis("share of the fit", [0.52, 1]),
            yaxis={"type": "category", "automargin": True, "showgrid": False},
            bargap=0.3,
        ),
        height=80 + PIXELS_A_FEATURE * len(shown),
        source="importance",
        legend=tuple(Key(label, colour, "bar") for _, label, colour, _ in KINDS),
        notes=(_note(len(shown), len(means), inputs.importance["window"].n_unique()),),
    )


def _note(shown: int, features: int, windows: int) -> str:
    return (
        f"{shown} of {features} features, by what the rank IC of the test windows loses when the"
        f" feature's values are exchanged among symbols; means over {windows} windows."
    )


def _bars(shown: pl.DataFrame, name: str, label: str, colour: str, axis: str) -> go.Bar:
    return go.Bar(
        x=shown[name].to_numpy(), y=shown["feature"].to_list(), orientation="h", name=label,
        xaxis=axis, hovertemplate="%{x:.3g}", marker={"color": colour, "line": {"width": 0}},
        offsetgroup="one",
    )  # fmt: skip


def _axis(title: str, domain: list[float]) -> dict[str, object]:
    return {
        "type": "linear",
        "domain": domain,
        "title": {"text": title, "standoff": 8},
        "gridcolor": "var(--grid)",
        "zeroline": True,
        "zerolinecolor": RULE,
        "nticks": 5,
    }

"""The index: every run of a workspace on one page, with links to what was drawn of it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from configs.figures import say_figure
from tasks.report.plot_page import render_plot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FIGURES: Final = {
    "return": "annual_return", "Sharpe": "sharpe", "worst drawdown": "max_drawdown",
    "turnover": "annual_turnover",
}  # fmt: skip
HEADS: Final = ("study", "variant", "run", "tried", "by", "data", *FIGURES, "gate")
WORDS: Final = ("study", "variant", "run", "tried", "by", "data", "gate")
KINDS: Final = (
    ("-gate.html", "Evidence for the gate"),
    ("-paper.html", "Paper accounts"),
    ("compare-", "Runs compared"),
    ("sweep-", "Sweeps"),
    ("research-", "Research"),
)
"""How names of other pages end or begin, and what they are."""
NAME: Final = "index.html"


def draw_index(workspace: str, runs: Sequence[Mapping[str, Any]], pages: Sequence[str]) -> str:
    """Draw the index.

    Parameters
    ----------
    workspace
        What it is called.
    runs
        The newest first: ``run_id, name, tried_at, road, symbols, frequency, first_ts, last_ts,
        variant, metrics, gate_stage, report`` (a link, or None).
    pages
        Names of the pages beside the index.

    Returns
    -------
    str
        HTML that runs nothing and fetches nothing; its links are relative. Equal input, equal text.
    """
    varied = any(run["variant"] for run in runs)
    heads = [head for head in HEADS if varied or head != "variant"]
    rows = [dict(zip(HEADS, _row(run), strict=True)) for run in runs]
    return render_plot(
        "agent.pages",
        None,
        heads,
        [[row[head] for head in heads] for row in rows],
        title=f"Runs of {workspace}",
        about=f"{len(runs):,} finished runs, the newest first; a study's name leads to its report. "
        "Figures are after costs. Made anew by: qraft runs index",
        words=WORDS,
        others=_others(pages),
    )


def _row(run: Mapping[str, Any]) -> list[Any]:
    first, last = run["first_ts"], run["last_ts"]
    period = f", {first:%Y-%m} to {last:%Y-%m}" if first and last else ""
    link = run.get("report")
    return [
        {"href": link, "text": run["name"]} if link else run["name"],
        run["variant"] or "–",
        run["run_id"],
        f"{run['tried_at']:%Y-%m-%d %H:%M}" if run["tried_at"] else "–",
        run["road"],
        f"{run['symbols']:,} symbols, {run['frequency']}{period}",
        *(say_figure(name, run["metrics"].get(name)) for name in FIGURES.values()),
        run["gate_stage"] or "not proposed",
    ]


def _others(pages: Sequence[str]) -> list[tuple[str, list[dict[str, str]]]]:
    found = []
    for part, title in KINDS:
        mine = [
            name for name in pages
            if (name.endswith(part) if part.startswith("-") else name.startswith(part))
        ]  # fmt: skip
        if mine:
            links = [{"href": quote(n), "text": n.removesuffix(".html")} for n in sorted(mine)]
            found.append((title, links))
    return found

"""Every page beside the report, in a real browser: nothing of it is cut at any width."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from agent.pages.card.drawing import draw_card
from agent.pages.index import draw_index
from agent.research.drawing import draw_notebook
from agent.research.notebook import Notebook
from agent.research.ranking import Ranked
from agent.research.steps import Step
from configs.document import parse_document
from gate.checks.evidence import Digests, Evidence, Family
from gate.checks.table import CHECKS
from tasks.dag.plan import make_plan
from tasks.live.paper.page import PaperView
from tasks.live.paper.page import draw as draw_paper
from tasks.runs.comparison.page import draw as draw_comparison
from tasks.runs.comparison.table import Compared
from tasks.sweep.axes import read_axis
from tasks.sweep.grid import lay_out_grid
from tasks.sweep.page import draw as draw_sweep
from tasks.sweep.table import compare_neighbours, points_table
from taskspecs.load import understand

NOW = datetime(2026, 1, 2, 3, tzinfo=UTC)
LONG = "a_study_with_a_rather_long_name_that_people_give"
CUT = """
[...document.querySelector("main").querySelectorAll("h1,h2,p,li,td,th,dd,dt,svg,.plot,.chip,button")]
  .filter((e) => !e.closest("thead")
    || getComputedStyle(e.closest("thead")).position !== "absolute")
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([e, at]) => at.width && (at.right > innerWidth + 1 || at.left < -1
    || (e.matches("td,th") && at.right > e.closest(".card").getBoundingClientRect().right + 1)))
  .map(([e]) => e.outerHTML.slice(0, 120))
"""


def comparison(study) -> str:
    runs = [
        Compared(f"{LONG}_{n} 12345{n}", f"12345{n}789abc", LONG, study.metrics, study.equity)
        for n in range(4)
    ]
    return draw_comparison(runs)


def sweep(study) -> str:
    text = f"name: study\ndescription: {'what is looked for ' * 20}\nsignal: {{expression: $close}}"
    spec, document = understand(parse_document(text.encode(), file="s.yaml"))
    axes = [read_axis(t, spec) for t in ("topk=1,2,3", "backtest.costs.slippage_bps=1,10")]
    grid = lay_out_grid(document, axes)
    metrics = dict(study.metrics.select("name", "value").iter_rows())
    results = [{"metrics": metrics, "refusal": ""} for _ in grid.points]
    table = points_table(grid, [f"64d782d2f3c{n}" for n in range(len(grid.points))], results)
    wide = table.hstack(compare_neighbours(grid, table["annual_return"].to_list()))
    plan = make_plan(grid.points[0].spec, data_digest="0" * 64, original_name="x")
    return draw_sweep(wide, grid, "annual_return", plan)


def notebook(study) -> str:
    metrics = dict(study.metrics.select("name", "value").iter_rows())
    steps = [
        Step(n, n - 1 if n else None, "another_horizon", "The same over 60 bars: " * 6, {}, "i",
             f"64d782d2f3c{n}", f"{LONG}@{n}", metrics, "")
        for n in range(6)
    ]  # fmt: skip
    ranked = [Ranked(step, 0.95 - step.number / 10, None) for step in steps]
    return draw_notebook(
        Notebook(
            "60-day momentum since 2005",
            ranked,
            ended="the budget is spent",
            trials=6,
            passed_over=[{"hypothesis": "h " * 40, "because": "tried"}],
            proposed=[f"{LONG}@1"],
            placebo=ranked,
        )
    )


def index(study) -> str:
    metrics = dict(study.metrics.select("name", "value").iter_rows())
    runs = [
        {
            "run_id": "64d782d2f3c2", "name": name, "tried_at": NOW, "road": "command",
            "symbols": 505, "frequency": "day", "first_ts": NOW, "last_ts": NOW,
            "metrics": metrics, "gate_stage": "dryrun", "report": f"{name}.html",
            "variant": variant,
        }
        for name, variant in (("us_momentum", "backtest.topk: 3"), (LONG, ""))
    ]  # fmt: skip
    return draw_index("workspace", runs, [f"{LONG}-64d782d2f3c2-gate.html", "sweep-1.html"])


def card(study) -> str:
    returns = study.equity["net_return"].to_numpy()
    times = study.equity["ts"].dt.replace_time_zone(None).to_numpy().astype("datetime64[s]")
    evidence = Evidence(
        f"{LONG}@64d782d2f3c2", "64d782d2f3c2", Digests(*["a" * 64] * 4),
        figures={"leak_clean": 1.0, "bars": 3_149.0, "max_drawdown": -0.68}, returns=returns,
        benchmark=study.equity["benchmark_return"].to_numpy(), times=times,
        family=Family("f", 3, {"finished": 1}, returns[:1] * 0 + 0.03, returns[:, None], 0),
    )  # fmt: skip
    verdicts = [check.evaluate(evidence, 1.0) for check in CHECKS.values()]
    checks = [
        {name: value for name in verdict.__slots__ if (value := getattr(verdict, name)) != ""}
        for verdict in verdicts
    ]
    account = {
        "strategy": evidence.strategy, "stage": "dryrun", "next_stage": "paper", "checks": checks,
        "approvals_needed": 1, "proposed": NOW.isoformat(), "run_id": evidence.run_id,
        "missing": [verdict.needed for verdict in verdicts if verdict.needed],
        "digests": {"spec": "a" * 64},
        "ledger": [{"seq": 1, "at": NOW.isoformat(), "kind": "proposal", "actor": "x" * 40,
                    "hash": "b" * 64}],
    }  # fmt: skip
    return draw_card(account, evidence)


def paper(_study) -> str:
    wanted = pl.DataFrame({"symbol": ["AAPL", "IBM"], "weight": [0.5, 0.45]})
    return draw_paper(
        PaperView(f"{LONG}@64d782d2f3c2", "paper", NOW, None, wanted,
                  {"paper_bars": 0.0, "divergence": 0.01}, [(NOW, NOW)])
    )  # fmt: skip


@pytest.fixture(scope="module")
def pages(study, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    drawn = {}
    for draw in (comparison, sweep, notebook, index, card, paper):
        drawn[draw.__name__] = folder / f"{draw.__name__}.html"
        drawn[draw.__name__].write_text(draw(study), encoding="utf-8")
    return drawn


@pytest.mark.parametrize("width", [390, 1_400, 2_000])
@pytest.mark.parametrize("name", ["comparison", "sweep", "notebook", "index", "card", "paper"])
def test_nothing_is_cut(browser, pages, name, width):
    browser.open(pages[name], width=width)
    assert browser.run("document.documentElement.scrollWidth <= innerWidth")
    assert browser.run(CUT) == []
    wider = "[...document.querySelectorAll('.wide')].filter(e => e.scrollWidth > e.clientWidth + 1)"
    assert browser.run(f"{wider}.length") == 0


@pytest.mark.parametrize("name", ["comparison", "sweep"])
def test_a_plot_is_legible_in_the_dark(browser, pages, name):
    colours = []
    for dark in (False, True):
        browser.open(pages[name], width=1_400, dark=dark)
        colours.append(browser.run("getComputedStyle(document.querySelector('.ytick text')).fill"))
        assert browser.run("getComputedStyle(document.querySelector('.main-svg')).background") != ""
    assert colours[0] != colours[1]


def test_the_map_of_a_sweep_has_the_colours_of_the_style_sheet(browser, pages):
    browser.open(pages["sweep"], width=1_400)
    scale = browser.run("document.getElementById('plot').data[0].colorscale.map(step => step[1])")
    named = "getComputedStyle(document.documentElement).getPropertyValue('--{}').trim()"
    assert scale == [browser.run(named.format(name)) for name in ("low", "middle", "high")]


def test_a_figure_keeps_its_unit_beside_it(browser, pages):
    browser.open(pages["index"], width=1_400)
    tall = "[...document.querySelectorAll('td.brief span')].map(e => e.getClientRects().length)"
    lines = browser.run(tall)
    assert len(lines) >= 8
    assert set(lines) == {1}


def test_the_curve_of_the_card_has_both_axes(browser, pages):
    browser.open(pages["card"], width=1_400)
    labels = browser.run("[...document.querySelectorAll('svg.dense text')].map(e => e.textContent)")
    years = [label for label in labels if label.isdigit() and len(label) == 4]
    assert len(years) >= 3
    assert "1" in labels

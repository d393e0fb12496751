"""`qraft paper`: the account of a strategy that is followed, its positions and what it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from agent.cli.run import relative
from configs import output
from configs.figures import say_figure
from configs.remedies import Mend
from tasks.opening import write_once

if TYPE_CHECKING:
    from agent.cli.context import Context
    from gate.strategies import Strategy
    from tasks.paper.page import PaperView


@click.command()
@click.argument("strategy", required=False)
@click.option("--open", "open_page", is_flag=True, help="Open the page.")
@output.as_json
@click.pass_obj
def paper(context: Context, *, strategy: str | None, open_page: bool, as_json: bool) -> None:
    """Show the paper account of STRATEGY: worth, positions, the weights that it wants.

    Without STRATEGY, that of the one that is followed; where there are several, they are listed.
    Nothing is published or changed by looking.

    Example: qraft paper us_momentum
    """
    from gate.clock import now_utc

    running = _running(context)
    if strategy is None and len(running) != 1:
        _list(running, as_json=as_json)
        return
    from tasks.following.looking import look_at_account
    from tasks.paper.page import draw, facts

    found = running[0] if strategy is None else _named(running, strategy)
    view = look_at_account(str(context.workspace.root), context.ledger, found, now_utc())
    page = write_once(
        context.workspace.reports / f"{found.name}-paper.html", draw(view).encode("utf-8")
    )
    value: dict[str, Any] = {
        "strategy": view.strategy, "stage": view.stage, "since": view.since,
        "account": view.worth, "figures": dict(view.figures), "holdings": view.holdings(),
        "page": str(page),
    }  # fmt: skip
    output.write(as_json, value, lambda: _show(view, facts(view)))
    if not as_json:
        click.echo(f"page: {relative(page)}")
    if open_page:
        click.launch(str(page))


def _running(context: Context) -> list[Strategy]:
    """Return what is at paper or live, the newest first."""
    from gate.policy_file import load_policy
    from gate.stages import Stage
    from gate.strategies import strategies

    known = strategies(context.ledger.entries(), load_policy(context.workspace))
    return [each for each in known if each.stage in {Stage.PAPER, Stage.LIVE}]


def _named(running: list[Strategy], name: str) -> Strategy:
    from configs.errors import BadInput, did_you_mean

    matching = [each for each in running if name in {each.strategy, each.name, each.run_id}]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise BadInput(f"`{name}` may be any of {', '.join(each.strategy for each in matching)}")
    raise BadInput(
        f"`{name}` is neither at paper nor live",
        hint=did_you_mean(name, [each.name for each in running]) if running else None,
        remedy=Mend.LIST_STRATEGIES(),
    )


def _list(running: list[Strategy], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [
        {
            "strategy": each.strategy, "stage": str(each.stage), "since": each.running_since,
            "return": each.paper.get("paper_return"),
        }
        for each in running
    ]  # fmt: skip
    shown = [
        {
            **row,
            "since": row["since"][:16].replace("T", " "),
            "return": say_figure("paper_return", row["return"]),
        }
        for row in rows
    ]
    output.write(
        as_json,
        rows,
        lambda: output.print_rows(
            shown,
            ["strategy", "stage", "since", "return"],
            empty="nothing is at paper yet; what it would need: qraft gate list",
        ),
    )
    if rows and not as_json:
        output.talk("one of them: qraft paper STRATEGY")


def _show(view: PaperView, facts: dict[str, str]) -> None:
    from tasks.paper.page import HEADS, figure_rows, holding_texts

    output.print_facts({"strategy": view.strategy, **facts})
    rows = [dict(zip(HEADS, row, strict=True)) for row in holding_texts(view.holdings())]
    output.print_rows(rows, HEADS, empty="nothing is held or wanted", title="Positions")
    heads = ("figure", "value", "meaning")
    figures = [dict(zip(heads, row, strict=True)) for row in figure_rows(view)]
    output.print_rows(figures, heads, empty="nothing is known yet", title="How it fares")

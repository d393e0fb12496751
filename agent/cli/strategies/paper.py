"""`qraft paper`: the account of a strategy that is followed, its positions and what it wants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from agent.cli.runs.run import relative
from configs import output
from configs.figures import say_figure

if TYPE_CHECKING:
    from agent.cli.context import Context
    from agent.service.strategies.accounts import Followed
    from tasks.live.paper.page import PaperView


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
    from agent.service.strategies.accounts import describe_account, list_followed, look_at

    followed = list_followed(context)
    if strategy is None and len(followed) != 1:
        _list(followed, as_json=as_json)
        return
    view = look_at(context, strategy or followed[0].strategy)
    told = describe_account(context, view)
    output.write(as_json, told, lambda: _show(view))
    if not as_json:
        click.echo(f"page: {relative(told.page)}")
    if open_page:
        click.launch(told.page)


def _list(followed: list[Followed], *, as_json: bool) -> None:
    shown = [
        {
            **dict(each),
            "since": each.since[:16].replace("T", " "),
            "return": say_figure("paper_return", each.paper_return),
        }
        for each in followed
    ]
    output.write(
        as_json,
        followed,
        lambda: output.print_rows(
            shown,
            ["strategy", "stage", "since", "return"],
            empty="nothing is at paper yet; what it would need: qraft gate list",
        ),
    )
    if followed and not as_json:
        output.talk("one of them: qraft paper STRATEGY")


def _show(view: PaperView) -> None:
    from tasks.live.paper.page import HEADS, facts, figure_rows, holding_texts

    output.print_facts({"strategy": view.strategy, **facts(view)})
    rows = [dict(zip(HEADS, row, strict=True)) for row in holding_texts(view.holdings())]
    output.print_rows(rows, HEADS, empty="nothing is held or wanted", title="Positions")
    heads = ("figure", "value", "meaning")
    figures = [dict(zip(heads, row, strict=True)) for row in figure_rows(view)]
    output.print_rows(figures, heads, empty="nothing is known yet", title="How it fares")

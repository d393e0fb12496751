"""`qraft serve`: the API, push and pages, for as long as the command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs.output import talk

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Elsewhere needs a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8100, show_default=True)
@click.option("--name", "names", multiple=True, help="A name that a proxy calls it by.")
@click.option("--open-browser", "opens", is_flag=True, help="Show the page in a browser.")
@click.pass_obj
def serve(context: Context, host: str, port: int, names: tuple[str, ...], opens: bool) -> None:
    """Serve the API and the web page; Ctrl-C ends it.

    On this machine alone nobody needs a token. For others: `qraft token new`, `--host`, and TLS by
    a proxy that passes the Host header on. Nothing that is served approves or promotes.

    Example: qraft serve --open-browser
    """
    from agent.http.serving import LOOPBACK, bind, names_of, refuse_open
    from agent.http.serving import serve as serve_
    from agent.http.tokens import Tokens

    tokens = Tokens.of(context.workspace)
    refuse_open(host, tokens, names)
    listening = bind(host, port)
    port = listening.getsockname()[1]
    here = host in LOOPBACK
    page = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    click.echo(page)
    talk("Ctrl-C ends it")
    if opens:
        click.launch(page)
    serve_(context, listening, hosts=names_of(host, port, names), tokens=None if here else tokens)

"""`qraft mcp`: this workspace as tools of an assistant that speaks the Model Context Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from configs.output import talk
from configs.remedies import Mend

if TYPE_CHECKING:
    from agent.cli.context import Context


@click.command()
@click.option(
    "--http",
    "port",
    type=click.IntRange(1, 65535),
    metavar="PORT",
    help="Serve streamable HTTP on loopback, by a token; default stdin and stdout.",
)
@click.pass_obj
def mcp(context: Context, port: int | None) -> None:
    """Serve search, explain, runs, patterns, plan, run and propose to an assistant.

    The assistant starts it by itself, as its settings say; it ends when the assistant hangs up.
    Nothing that it serves approves, promotes, demotes or reads past a seal. Over HTTP it answers
    who shows the token that is kept in the file it names, as `Authorization: Bearer TOKEN`.

    Example: qraft mcp --http 8765
    """
    from agent.mcp.admission import token_file, token_of
    from agent.mcp.server import HOST, PATH, serve_http, serve_stdio

    root = context.workspace.root  # a workspace that is none is told before anything is served
    if port is None:
        talk(f"serving {root} on stdin and stdout")
        serve_stdio(context)
        return
    _need_free(HOST, port)
    token = token_of(port)
    talk(f"serving {root}; Ctrl-C ends it")
    talk(f"its token is in {token_file(port)}: Authorization: Bearer TOKEN")
    click.echo(f"http://{HOST}:{port}{PATH}")
    serve_http(context, port, token)


def _need_free(host: str, port: int) -> None:
    """Refuse a port that another process listens on."""
    import socket

    from configs.errors import BadInput

    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise BadInput(
                f"port {port} cannot be served: {error.strerror}",
                remedy=Mend.SERVE_ASSISTANTS(port=port + 1),
            ) from error

"""The root of the command line: a table of commands, each imported when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from agent.cli.context import Context
from configs.children import protect_this_process
from configs.errors import QraftError
from configs.faults import as_errors
from configs.standpoint import advise, stand

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": (
        "agent.cli.runs.run:demo",
        "Run the study that ships, on real prices, and show its report.",
    ),
    "run": ("agent.cli.runs.run:run", "Run a TaskSpec."),
    "new": (
        "agent.cli.data.new:new",
        "Write a TaskSpec for your own bars, with comments.",
    ),
    "plan": ("agent.cli.runs.plan:plan", "Show what a run would do, and what is done already."),
    "ask": (
        "agent.cli.assistant.ask:ask",
        "Turn a sentence into a TaskSpec, show it, run it on confirmation.",
    ),
    "explain": (
        "agent.cli.assistant.explain:explain",
        "Explain a run or a pattern, with citations.",
    ),
    "runs": ("agent.cli.runs.runs:runs", "List and show runs."),
    "patterns": (
        "agent.cli.patterns.patterns:patterns",
        "List, show and rate patterns; scan a file.",
    ),
    "data": ("agent.cli.data.data:data", "Load, fetch, list and check data."),
    "sources": (
        "agent.cli.streams.sources:sources",
        "Live sources: those that ship, and your own.",
    ),
    "gate": (
        "agent.cli.gate.root:gate",
        "See what is proposed, decide what goes further, stop what runs.",
    ),
    "paper": (
        "agent.cli.strategies.paper:paper",
        "The account of a strategy at paper: worth, positions, what it wants.",
    ),
    "signals": (
        "agent.cli.strategies.signals:signals",
        "What was published of a strategy at paper or live, signed, and whether it is whole.",
    ),
    "sweep": (
        "agent.cli.runs.sweep:sweep",
        "Run many variants of a TaskSpec; is the best one on a plateau?",
    ),
    "research": (
        "agent.cli.assistant.research:research",
        "Vary an idea, trial by trial, within a budget; what is it worth?",
    ),
    "events": ("agent.cli.events.events:events", "Publish events, and let them run studies."),
    "stream": (
        "agent.cli.streams.stream:stream",
        "Live sources: record, run, replay, check.",
    ),
    "schedule": ("agent.cli.schedule.schedule:schedule", "Studies that rerun by the clock."),
    "sql": ("agent.cli.sql:sql", "Ask the lake by SQL, read-only."),
    "mcp": ("agent.cli.serving.mcp:mcp", "Serve this workspace to an assistant, by MCP."),
    "up": ("agent.cli.serving.up:up", "Scheduler, clock, listener and telemetry together."),
    "serve": ("agent.cli.serving.serve:serve", "Serve the API and its pages on this machine."),
    "token": ("agent.cli.serving.token:token", "Tokens for those who ask the API from elsewhere."),
    "ui": ("agent.cli.serving.ui:ui", "Start Luigi's scheduler with this workspace's runs in it."),
    "trust": (
        "agent.cli.trust:trust",
        "Agree to where this workspace's settings send secrets.",
    ),
    "doctor": (
        "agent.cli.doctor:doctor",
        "What is configured, reachable, missing, and what mends it.",
    ),
}
"""Name to where the command is and what it does; the help page is made from this alone."""


TRACE = "QRAFT_TRACE"
"""The environment variable that lets an unforeseen error show its trace."""


class Commands(click.Group):
    """A group that knows its commands' names and help without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which are near."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            from configs.errors import BadInput, did_you_mean
            from configs.remedies import Mend

            raise BadInput(
                f"there is no command `{args[0]}`",
                hint=did_you_mean(args[0], COMMANDS),
                remedy=Mend.LIST_COMMANDS(),
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-w", "--workspace", metavar="FOLDER", help="The workspace; default $QRAFT_WORKSPACE or here."
)
@click.version_option(package_name="qraft", message="qraft %(version)s")
@click.pass_context
def cli(ctx: click.Context, workspace: str | None) -> None:
    """Qraft turns a sentence or a YAML file into a reproducible research report.

    Exit codes: 0 done, 1 failed, 2 bad input, 3 the gate forbids it.
    """
    stand(workspace, COMMANDS)
    ctx.obj = Context(workspace)


def main() -> None:
    """Run the command line; every error is a sentence, never a stack trace."""
    protect_this_process()
    try:
        with as_errors():
            ended = cli.main(standalone_mode=False)
            sys.stdout.flush()  # while a disk that is full can still be told of
    except QraftError as error:
        from agent.cli.wording import word_error

        first, *rest = word_error(error).splitlines()
        _complain("\n".join([first, *map(advise, rest)]), error.exit_code)
    except click.Abort:
        _complain("stopped; what was committed is kept, and the same command resumes", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has left: that is no failure, and Python must not flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if os.environ.get(TRACE):
            raise
        _complain(
            f"this should not have happened: {type(error).__name__}: {error}\n"
            f"it is a mistake of Qraft's, not yours; {TRACE}=1 before the command shows where",
            1,
        )
    else:
        # Without its standalone mode, click returns the code of an early exit.
        sys.exit(ended or 0)


def _complain(message: str, exit_code: int) -> None:
    first, *rest = message.splitlines()
    colour = None if os.environ.get("NO_COLOR") else "red"
    click.secho("error: ", nl=False, err=True, fg=colour, bold=True)
    click.echo(first, err=True)
    for line in rest:
        click.echo(f"  {line}", err=True)
    sys.exit(exit_code)


if __name__ == "__main__":
    main()

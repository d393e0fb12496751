"""`qraft ask`: a sentence becomes a TaskSpec, is shown, and runs on confirmation."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from configs import output
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.assistant.grammar.drafts.draft import Draft, Slot
    from agent.cli.context import Context

MOST_ANSWERS = 50
"""Questions after which a person had better write the prompt anew."""


@click.command()
@click.argument("prompt")
@click.option("--plan-only", is_flag=True, help="Show the TaskSpec and what is open; run nothing.")
@click.option(
    "--yes", is_flag=True, help="Run without confirmation; refused while questions are open."
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the TaskSpec to FILE, a new file.",
)
@click.option("--no-model", is_flag=True, help="Let the template assistant draft.")
@output.as_json
@click.pass_obj
def ask(
    context: Context,
    *,
    prompt: str,
    plan_only: bool,
    yes: bool,
    save: Path | None,
    no_model: bool,
    as_json: bool,
) -> None:
    """Turn PROMPT, in English or Chinese, into a TaskSpec; run it on confirmation.

    The model of `llm` in qraft.yaml drafts; without one, a grammar does. Whatever in the prompt did
    not land in the TaskSpec becomes a question, and nothing runs while one is open.

    Example: qraft ask "60-day momentum on AAPL, IBM and MSFT since 2005, weekly, hold the best 2"
    """
    if as_json and yes:
        from configs.errors import BadInput

        raise BadInput(
            "--json prints the plan and runs nothing, so --yes has no meaning beside it",
            remedy=Mend.ASK_FOR_JSON(),
        )
    from agent.service.plans import describe_draft, drafting

    by = drafting(context, by_model=not no_model)
    draft = by(prompt)
    if not (plan_only or as_json):
        draft = _interview(draft, by, can_answer=sys.stdin.isatty() and not yes)
    if save:
        _save(draft, save)
    if as_json:
        output.print_json(describe_draft(draft))
        return
    _show(draft)
    if plan_only:
        return
    if yes or _confirmed():
        from agent.cli.runs.run import run_spec

        run_spec(context, draft.spec, road="prompt")


def _interview(draft: Draft, drafting: Callable[[str], Draft], *, can_answer: bool) -> Draft:
    """Ask what is open, one question after another; each answer is read into the prompt."""
    from agent.assistant.grammar.drafts.answers import amend

    for _ in range(MOST_ANSWERS):
        if not draft.questions:
            return draft
        if not can_answer:
            raise _unanswered(draft)
        question = draft.questions[0]
        output.talk(f"? {question.text}")
        answer = click.prompt(
            "  your words (Enter leaves it out)", default="", show_default=False, err=True
        )
        amended = amend(draft.prompt, question, answer)
        if amended == draft.prompt or not amended:
            raise _unanswered(draft)
        output.talk(f"  read as: {amended}")
        draft = drafting(amended)
    raise _unanswered(draft)


def _unanswered(draft: Draft) -> Exception:
    from configs.errors import BadInput

    count = len(draft.questions)
    listed = [f"{number}. {question.text}" for number, question in enumerate(draft.questions, 1)]
    return BadInput(
        f"{count} {'question is' if count == 1 else 'questions are'} open, and nothing was run",
        hint="\n".join(listed),
        remedy=Mend.ASK_ANOTHER_WAY(),
    )


def _save(draft: Draft, path: Path) -> None:
    from agent.assistant.grammar.drafts.shown import to_file
    from configs.errors import BadInput

    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(to_file(draft))
    except FileExistsError as error:
        raise BadInput(f"{path} exists already", hint="--save writes a new file") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}") from error
    output.talk(f"saved: {path}; run it with: qraft run {shlex.quote(str(path))}")


def _show(draft: Draft) -> None:
    from agent.assistant.grammar.drafts.document import to_yaml
    from agent.models.answer import Usage

    who = draft.assistant["model"] or "template assistant"
    output.talk(f"{who}: {draft.assistant['note']}")
    if used := draft.assistant.get("usage"):
        output.talk(f"it took {Usage(**used)}")
    click.echo(f"study: {draft.base.name}, because {draft.base.why}\n")
    output.print_rows(
        [
            {
                "slot": slot.key,
                "value": _value(slot.value),
                "from": _origin(slot),
                "note": slot.note,
            }
            for slot in draft.slots
        ],
        ["slot", "value", "from", "note"],
        empty="",
        title="What would be run",
    )
    changes = [change._asdict() for change in draft.changes]
    title = f"What differs from {draft.base.name}"
    output.print_rows(
        changes,
        ["key", "before", "after"],
        title=title,
        empty=f"nothing differs from {draft.base.name}",
    )
    click.echo(to_yaml(draft.document))
    for number, question in enumerate(draft.questions, 1):
        click.echo(f"? {number}. {question.text}")
    if draft.questions:
        output.talk("it does not run while questions are open")


def _origin(slot: Slot) -> str:
    return f'"{slot.words}"' if slot.words else slot.source


def _value(value: Any) -> Any:
    """Write a slot's value on one line."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return "; ".join(f"{row['detector']} ({row['scope']})" for row in value)
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return value


def _confirmed() -> bool:
    """Ask whether to run; where nobody can answer, say how to say yes."""
    if not sys.stdin.isatty():
        output.talk("nothing was run; --yes runs it")
        return False
    if click.confirm("Run it?", err=True):
        return True
    output.talk("nothing was run")
    return False

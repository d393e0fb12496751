"""`qraft ask` as a person types it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from taskspecs.load import parse

PROMPT = "60-day momentum since 2008, weekly, hold the best 3"


def test_plan_as_json_has_the_promised_parts(shell: Any) -> None:
    value = shell.json("ask", PROMPT, "--plan-only")
    assert {"spec", "slots", "questions", "citations", "assistant"} <= value.keys()
    assert value["questions"] == []
    assert value["assistant"]["model"] is None
    said = {slot["key"]: slot["words"] for slot in value["slots"] if slot["source"] == "prompt"}
    assert said["backtest.topk"] == "hold the best 3"
    import json

    assert parse(json.dumps(value["spec"])).backtest.topk == 3


def test_open_questions_stop_it_even_with_yes(shell: Any) -> None:
    done = shell.run("ask", f"{PROMPT}, but never on Mondays", "--yes", exit_code=2)
    assert "never on Mondays" in done.stderr
    assert not (shell.workspace / ".qraft").exists()


def test_questions_come_in_the_language_of_the_prompt(shell: Any) -> None:
    done = shell.run("ask", "动量策略，止损5%", "--yes", exit_code=2)
    assert "止损5%" in done.stderr
    assert "我没有用到" in done.stderr


def test_without_a_terminal_it_shows_and_does_not_run(shell: Any) -> None:
    done = shell.run("ask", PROMPT)
    assert "Ref($close, 60)" in done.stdout
    assert "--yes" in done.stderr
    assert not (shell.workspace / ".qraft").exists()


def test_saved_spec_is_a_spec_and_is_never_overwritten(shell: Any) -> None:
    path: Path = shell.workspace / "mine.yaml"
    shell.run("ask", PROMPT, "--plan-only", "--save", str(path))
    text = path.read_text(encoding="utf-8")
    assert PROMPT in text
    assert parse(text).backtest.topk == 3
    shell.run("ask", PROMPT, "--plan-only", "--save", str(path), exit_code=2)


def test_json_and_yes_exclude_each_other(shell: Any) -> None:
    shell.run("ask", PROMPT, "--yes", "--json", exit_code=2)


def test_empty_prompt_is_refused(shell: Any) -> None:
    shell.run("ask", "  ", exit_code=2)


def test_answers_on_a_terminal_are_read_into_the_prompt(shell: Any) -> None:
    """The first question is answered, the second left out, the run declined."""
    master, slave = os.openpty()
    asked = "momentum since last year, stop loss 5%"
    process = subprocess.Popen(
        shell.command("ask", asked), stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=Path(__file__).parents[5],
    )  # fmt: skip
    os.close(slave)
    os.write(master, b"since 2009\n\nn\n")
    out, err = process.communicate(timeout=60)
    os.close(master)
    assert process.returncode == 0, err
    assert "read as: momentum since 2009, stop loss 5%" in err
    assert "2009-01-01" in out
    assert "nothing was run" in err

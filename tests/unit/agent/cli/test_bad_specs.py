"""What only the data can tell is told before anything is written: place, value, suggestion."""

from __future__ import annotations

import pytest

from configs.errors import BadInput

SPEC = """\
name: study
data:
  source: sample
signal:
  expression: $close
backtest:
  topk: 2
"""

# What is replaced, by what, where it is found wrong, and words of the complaint.
BY_THE_SPEC = {
    "path leaving the workspace": (
        "source: sample", "source: file\n  path: ../../etc/passwd", "4:9, key data.path",
        ["leaves"],
    ),
    "absolute path": (
        "source: sample", "source: file\n  path: /etc/passwd", "4:9, key data.path", ["leaves"],
    ),
    "path through a link": (
        "source: sample", "source: file\n  path: out/x.csv", "4:9, key data.path", ["leaves"],
    ),
    "missing file": (
        "source: sample", "source: file\n  path: pricse.csv", "4:9, key data.path",
        ["'prices.csv'"],
    ),
    "typo in a detector": (
        "backtest:", "detection:\n  - {detector: adwim, watch: $close}\nbacktest:",
        "7:16, key detection[0].detector", ["'adwin'"],
    ),
    "no money": ("topk: 2", "topk: 2\n  account: 0", "8:12, key backtest.account", ["greater"]),
    "syntax error": ("$close", "Mean($close, 5", "5:15, key signal.expression", ["never closed"]),
    "alias bomb": ("$close", "&a [*a, *a]", "5:15, key signal.expression", ["anchors"]),
}  # fmt: skip
BY_THE_DATA = {
    "unknown symbol": (
        "source: sample", "source: sample\n  symbols: [AAPL, GOGG]", "4:", ["GOGG", "'GOOG'"],
    ),
    "no such zone": (
        "source: sample", "source: sample\n  timezone: America/New_Yrok", "4:",
        ["America/New_Yrok", "America/New_York"],
    ),
    "period without bars": (
        "source: sample", "source: sample\n  start: 2031-01-01", "4:", ["2031"],
    ),
    "more held than there is": ("topk: 2", "topk: 9", "7:9, key backtest.topk", ["5 symbols"]),
    "trading before there are bars": (
        "topk: 2", "topk: 2\n  end: 1990-01-01", "8:8, key backtest.end", ["reach from 2000"],
    ),
    "trading after the last bar": (
        "topk: 2", "topk: 2\n  start: 2031-01-01", "8:10, key backtest.start", ["no bars"],
    ),
    "unknown benchmark": (
        "topk: 2", "topk: 2\n  benchmark: GOGG", "8:14, key backtest.benchmark", ["'GOOG'"],
    ),
}  # fmt: skip
BAD = BY_THE_SPEC | BY_THE_DATA


@pytest.mark.parametrize(
    ("command", "case"),
    [*(("run", case) for case in BAD), *(("plan", case) for case in BY_THE_SPEC)],
)
def test_a_bad_spec_is_told_and_nothing_is_written(terminal, tmp_path, command, case):
    old, new, place, words = BAD[case]
    (terminal.workspace / "prices.csv").write_text("x")
    (terminal.workspace / "out").symlink_to(tmp_path)
    (tmp_path / "x.csv").write_text("x")
    spec = tmp_path / "study.yaml"
    assert old in SPEC
    spec.write_text(SPEC.replace(old, new, 1))
    before = sorted(terminal.workspace.rglob("*"))
    with pytest.raises(BadInput) as refused:
        terminal.call(command, str(spec))
    message = str(refused.value)
    assert refused.value.exit_code == 2
    assert f"{spec}:{place}" in message
    assert [word for word in words if word not in message] == []
    assert sorted(terminal.workspace.rglob("*")) == before


def test_the_shell_sees_exit_code_two_and_a_sentence(shell):
    spec = shell.workspace / "study.yaml"
    spec.write_text(SPEC.replace("topk", "top_k"))
    done = shell.run("run", str(spec), exit_code=2)
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {spec}:7:3, key backtest.top_k: unknown key `top_k`\n")
    assert "did you mean 'topk'?" in done.stderr
    assert "Traceback" not in done.stderr

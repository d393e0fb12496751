"""Bytes that changed behind Qraft's back are told, never used, and made again on request."""

from __future__ import annotations

import shutil

from tests.conftest import Shell
from tests.fault.kill_runs import STUDY, make_workspace


def test_a_changed_result_is_refused_by_name_and_can_be_made_again(tmp_path):
    workspace = make_workspace(tmp_path)
    shell = Shell(workspace)
    shell.run("run", str(workspace / "killed.yaml"))
    (scores,) = (workspace / ".qraft/lake/feature/signal").glob("*/*-scores.parquet")
    raw = bytearray(scores.read_bytes())
    raw[len(raw) // 2] ^= 1
    scores.write_bytes(raw)
    spec = workspace / "changed.yaml"
    spec.write_text(STUDY.replace("n_drop: 1", "n_drop: 1, costs: {open_bps: 9}"))

    refused = shell.run("run", str(spec), exit_code=1).stderr
    assert "differs from its manifest" in refused
    assert str(scores.parent.relative_to(workspace)) in refused

    shutil.rmtree(scores.parent)
    shell.run("run", str(spec))

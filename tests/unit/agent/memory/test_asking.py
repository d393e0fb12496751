"""What a workspace remembers reaches the model that plans, as data."""

from __future__ import annotations

import yaml
from click.testing import CliRunner

from agent.cli.main import cli
from tests.consent import agree_to_settings
from tests.stand_ins.openai_http import Reply, serving


def test_a_note_reaches_the_plan_as_data(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-7f3a91")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text("Momentum: skip the newest month. sk-canary-7f3a91")
    with serving(lambda asked: Reply("no plan")) as server:
        llm = {"model": "openai:scripted", "base_url": server.url, "max_retries": 0}
        (tmp_path / "qraft.yaml").write_text(yaml.safe_dump({"llm": llm}))
        agree_to_settings(tmp_path)
        arguments = ["-w", str(tmp_path), "ask", "momentum on AAPL", "--plan-only", "--json"]
        CliRunner().invoke(cli, arguments)
        seen = server.seen
        asked = server.asked[0]
    assert "skip the newest month" in asked.said_by("user")
    assert "skip the newest month" not in asked.said_by("system")
    assert "sk-canary-7f3a91" not in seen

"""The paper account on its page, after days of signals: worth, positions, what is wanted."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from agent.cli.main import cli
from gate.approval.clock import now_utc
from gate.policy.stages import Stage
from tasks.live.following.looking import look_at_account
from tests.growing import SYMBOLS, GrowingDesk


@pytest.mark.slow
def test_the_account_is_what_the_signals_made_of_it(tmp_path, monkeypatch):
    desk = GrowingDesk(tmp_path, monkeypatch)
    where = ["--workspace", str(tmp_path), "paper"]
    call = CliRunner().invoke(cli, where, standalone_mode=False)
    assert "nothing is at paper" in call.stderr
    desk.run()
    desk.approves("ann", signed=False)
    desk.promotes(Stage.PAPER)
    desk.run()
    early = CliRunner().invoke(cli, where, standalone_mode=False, env={"COLUMNS": "200"})
    assert early.exception is None, "an account that has not dealt yet is shown, too"
    outcomes = [desk.next_day() for _ in range(3)]

    before = len(desk.ledger.entries())
    view = look_at_account(str(tmp_path), desk.ledger, desk.standing, now_utc())
    figures = outcomes[-1].following.figures
    assert view.figures["paper_return"] == pytest.approx(figures["paper_return"])
    assert [ts for ts, _ in view.signals] == [o.following.published for o in outcomes]
    held = [row for row in view.holdings() if row["shares"]]
    assert 1 <= len(held) <= 2
    assert {row["symbol"] for row in held} <= set(SYMBOLS)
    cash = float(view.account.equity["cash"][-1])
    assert sum(row["value"] for row in held) + cash == pytest.approx(view.worth)
    assert sum(row["wanted"] for row in view.holdings()) == pytest.approx(0.95, abs=0.06)

    call = CliRunner().invoke(cli, [*where, "grown"], standalone_mode=False, env={"COLUMNS": "200"})
    assert call.exception is None
    assert "How it fares" in call.stdout
    page = (desk.workspace.reports / "grown-paper.html").read_text()
    assert all(row["symbol"] in page for row in held)
    assert len(desk.ledger.entries()) == before, "looking changes nothing"

"""A result that is gone is shown as gone, and hides no other strategy."""

from __future__ import annotations

from gate.strategies.strategies import stand
from gate.summaries import examine, summarise


def test_a_backtest_that_is_gone_kills_nothing(office):
    office.tries()
    office.proposes()
    evidence = {
        "figures": office.figures, "keys": {"backtest": "b" * 64},
        "files": {"equity.parquet": "0" * 64, "stress.parquet": "0" * 64}, **office.running,
    }  # fmt: skip
    office.ledger.append(
        "proposal", {"strategy": "old@1", "run_id": "r9", "evidence": evidence}, actor="run"
    )
    standing = stand(office.ledger.entries(), office.policy)
    accounts = [summarise(strategy, office.desk) for strategy in standing.strategies]
    assert [account["strategy"] for account in accounts] == ["old@1", "study@aaaaaaaaaaaa"]
    assert all(account["checks"] and not account["trouble"] for account in accounts)


def test_evidence_that_cannot_be_judged_is_said_of_its_own_strategy(office):
    from configs.errors import Damaged

    office.proposes()
    desk = office.desk

    def broken(strategy, to):
        raise Damaged("the file x differs")

    object.__setattr__(desk, "judge", broken)
    standing = stand(office.ledger.entries(), office.policy)
    account = examine(standing.strategies[0], standing, desk)
    assert account["missing"] == ["its evidence cannot be judged: the file x differs"]

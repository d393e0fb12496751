"""The policy that ships is right; a workspace's own replaces it, and its mistakes are located."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.workspace import Workspace
from gate.policy_file import SHIPPED, load_policy, policy_path

OWN = """\
paper:
  approvals: 3
  rules:
    - {figure: sharpe_t, at_least: 3, meaning: strict}
live:
  approvals: 4
  rules: []
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_the_one_that_ships_is_right(workspace):
    policy = load_policy(workspace)
    assert policy_path(workspace) == SHIPPED
    assert policy.live.approvals > policy.paper.approvals >= 1
    assert {rule.figure for rule in policy.paper.rules} >= {"leak_clean", "cost_bps_round_trip"}


def test_a_workspaces_own_replaces_it(workspace):
    (workspace.root / "gate.yaml").write_text(OWN)
    policy = load_policy(workspace)
    assert policy.paper.approvals == 3
    assert [rule.figure for rule in policy.paper.rules] == ["sharpe_t"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("approvals: 3", "approvals: 0", "gate.yaml:2:14, key paper.approvals: `0`"),
        ("approvals: 3", "aprovals: 3", "did you mean 'approvals'?"),
        ("at_least: 3", "atleast: 3", "gate.yaml:4:26, key paper.rules[0].atleast"),
        ("at_least: 3, ", "", "the rule on sharpe_t needs `at_least` or `at_most`"),
        ("live:\n  approvals: 4\n  rules: []\n", "", "the key `live` is missing"),
        (OWN, "", "expected `key: value` lines"),
    ],
)  # fmt: skip
def test_mistakes_are_located(workspace, old, new, expected):
    assert old in OWN
    (workspace.root / "gate.yaml").write_text(OWN.replace(old, new))
    with pytest.raises(BadInput) as refused:
        load_policy(workspace)
    assert expected in str(refused.value)

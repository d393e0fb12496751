"""The policy that ships is right; a workspace's own replaces it, and its mistakes are located."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.workspace import Workspace
from gate.policy.file import SHIPPED, load_policy, policy_path
from tests.office import public_key

OWN = f"""\
keys:
  ann: {public_key("ann")}
paper:
  approvals: 3
  lasts_days: 7
  checks: {{bars: 900}}
live:
  approvals: 4
  lasts_days: 30
  checks: {{}}
"""


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


def test_the_one_that_ships_is_right(workspace):
    policy = load_policy(workspace)
    assert policy_path(workspace) == SHIPPED
    assert policy.live.approvals > policy.paper.approvals >= 1
    assert policy.live.signed
    assert policy.keys == {}
    assert policy.paper.checks.keys() >= {"leak", "costs"}
    assert {limit.figure for limit in policy.watch} >= {"drawdown", "divergence", "stale_hours"}


def test_a_workspaces_own_replaces_it(workspace):
    (workspace.root / "gate.yaml").write_text(OWN)
    policy = load_policy(workspace)
    assert policy.paper.approvals == 3
    assert policy.paper.checks == {"bars": 900}
    assert policy.watch == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("approvals: 3", "approvals: 0", "gate.yaml:4:14, key paper.approvals: `0`"),
        ("approvals: 3", "aprovals: 3", "did you mean 'approvals'?"),
        ("{bars: 900}", "{barz: 900}", "did you mean 'bars'"),
        (public_key("ann"), "ed25519:AAAA", "gate.yaml:2:8, key keys.ann: `ed25519:AAAA`: not a"),
        ("ann:", "Ann:", "the name `Ann` is not allowed"),
        (
            "live:\n  approvals: 4\n  lasts_days: 30\n  checks: {}\n", "",
            "the key `live` is missing",
        ),
        (OWN, "", "expected `key: value` lines"),
    ],
)  # fmt: skip
def test_mistakes_are_located(workspace, old, new, expected):
    assert old in OWN
    (workspace.root / "gate.yaml").write_text(OWN.replace(old, new))
    with pytest.raises(BadInput) as refused:
        load_policy(workspace)
    assert expected in str(refused.value)

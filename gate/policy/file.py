"""Where the policy is written: the workspace's own ``gate.yaml``, else the one that ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import configs
from configs.document import read_document
from configs.validation import validate
from gate.policy.policy import Policy

if TYPE_CHECKING:
    from configs.workspace import Workspace

FILE = "gate.yaml"
SHIPPED = Path(configs.__file__).with_name(FILE)


def policy_path(workspace: Workspace) -> Path:
    """Return the file in which the policy of this workspace is written."""
    own = workspace.root / FILE
    return own if own.exists() else SHIPPED


def load_policy(workspace: Workspace) -> Policy:
    """Read the policy that is written in a workspace.

    A workspace's own file replaces the one that ships, it does not add to it. What decides is the
    policy in force, on the ledger: see `gate.policy.in_force`.

    Raises
    ------
    BadInput
        Located in the file: key, value, what is allowed.
    """
    return validate(Policy, read_document(policy_path(workspace)))


def shipped_policy() -> Policy:
    """Return the policy that ships."""
    return validate(Policy, read_document(SHIPPED))

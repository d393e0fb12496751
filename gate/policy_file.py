"""Where the policy is written: the workspace's own ``gate.yaml``, else the one that ships."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import configs
from configs.document import read_document
from configs.validation import validate
from gate.policy import Policy

if TYPE_CHECKING:
    from configs.workspace import Workspace

FILE = "gate.yaml"
SHIPPED = Path(configs.__file__).with_name(FILE)


def policy_path(workspace: Workspace) -> Path:
    """Return the file that decides in this workspace."""
    own = workspace.root / FILE
    return own if own.exists() else SHIPPED


def load_policy(workspace: Workspace) -> Policy:
    """Read the policy of a workspace.

    A workspace's own file replaces the one that ships, it does not add to it: what decides can be
    read in one place.

    Raises
    ------
    BadInput
        Located in the file: key, value, what is allowed.
    """
    return validate(Policy, read_document(policy_path(workspace)))

"""The policy in force: what the ledger says, whatever ``gate.yaml`` says. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic import ValidationError

from configs.errors import Failed
from configs.remedies import Mend
from gate.policy.policy import Policy
from storage.ledger.versions import Version, Versions, versions_of
from taskspecs.identity import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from storage.ledger import Entry


class InForce:
    """The policy in force, entry by entry.

    Parameters
    ----------
    shown
        What is shown where no policy is in force yet.
    """

    def __init__(self, shown: Policy) -> None:
        self.shown = shown
        self._versions = Versions()

    @property
    def current(self) -> Policy | None:
        """The policy that decides now; none where the ledger has none, or none that can be read."""
        version = self._versions.current
        return read_version(version) if version else None

    def take(self, entry: Entry) -> None:
        """Take one more entry into account."""
        self._versions.take(entry)


def version_in_force(entries: Sequence[Entry]) -> Version | None:
    """Return the version that decides now; none where the ledger has none."""
    return versions_of(entries).current


def policy_in_force(entries: Sequence[Entry], shown: Policy) -> Policy:
    """Return the policy that decides now, or what would if a person took it.

    Parameters
    ----------
    shown
        What is on disk, or what ships.

    Raises
    ------
    Failed
        If this Qraft cannot read the policy in force.
    """
    version = version_in_force(entries)
    if version is None:
        return shown
    policy = read_version(version)
    if policy is None:
        raise Failed(
            f"version {version.number} of the policy cannot be read by this version of Qraft",
            hint="it asks for a check or has a key that is not known here",
            remedy=Mend.SHOW_POLICY(),
        )
    return policy


def read_version(version: Version) -> Policy | None:
    """Read a version; None where this Qraft cannot, and then nothing meets it."""
    return _parsed(canonical_json(version.document))


def document_of(policy: Policy) -> dict[str, Any]:
    """Return a policy as the document that a version holds."""
    unsaid = {"mandate"} if policy.mandate is None else set()  # versions of before have no such key
    return policy.model_dump(mode="json", exclude=unsaid)


def digest_of(policy: Policy) -> str:
    """Return the sha256 of all of a policy, by which a version is known."""
    return digest(document_of(policy))


@lru_cache(maxsize=64)
def _parsed(document: str) -> Policy | None:
    try:
        return Policy.model_validate_json(document)
    except ValidationError:
        return None

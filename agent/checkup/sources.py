"""What `qraft doctor` says of live sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checkup.finding import Finding
from configs.errors import QraftError

if TYPE_CHECKING:
    from storage.open import Stores

_WRONG = frozenset({"failed", "gone"})


def examine_sources(stores: Stores) -> Finding:
    """Say whether the workspace's sources can be run, and those that were recorded are at work."""
    from agent.live.flow.making import known
    from agent.live.status import statuses
    from taskspecs.sources.catalogue import own
    from taskspecs.sources.consent import require_consent
    from taskspecs.sources.load import load

    documents = own(stores.workspace)
    for path in documents.values():
        try:
            require_consent(load(path, known())[0], path)
        except QraftError as error:
            where = f"{error.place}: " if error.place else ""
            remedies = (error.remedy,) if error.remedy else ()
            return Finding("sources", "wrong", f"{where}{error.what}", remedies=remedies)
    found = statuses(stores.workspace)
    troubled = [
        f"{each['source']}: {each['trouble'].partition(chr(10))[0] or 'its process is gone'}"
        for each in found
        if each["trouble"] or _WRONG & {each["record"], each["flow"]}
    ]
    if troubled:
        return Finding(
            "sources", "wrong", "; ".join(troubled), "qraft stream status, then qraft up"
        )
    running = sum(each["record"] == "running" for each in found)
    said = f"{len(documents)} of the workspace, {len(found)} recorded, {running} at work"
    return Finding("sources", "ok", said)

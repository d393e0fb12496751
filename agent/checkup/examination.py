"""The checks of `qraft doctor`, each on its own: one that fails does not hide the others."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING

from agent.checkup.clock import examine_clock, examine_service
from agent.checkup.finding import NOT_YET, PATIENCE_S, Finding
from agent.checkup.inbox import examine_inbox
from agent.checkup.index import examine_index
from agent.checkup.lake import examine_results
from agent.checkup.servers import (
    examine_bucket,
    examine_events,
    examine_scheduler,
    examine_telemetry,
    examine_warehouse,
)
from agent.checkup.sources import examine_sources
from configs.endpoints.url import without_secrets
from configs.errors import Busy, QraftError
from configs.faults import as_errors
from configs.numbers import file_size
from configs.settings import PREFIX, Settings
from configs.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage.open import Stores

LEAST_FREE_BYTES = 1_000_000_000


def examine(stores: Stores, *, deep: bool = False) -> list[Finding]:
    """Look at everything, in the order in which one thing rests on another.

    Parameters
    ----------
    deep
        Read every byte of every result.
    """
    findings = [*_machine(), _guarded("workspace", lambda: _workspace(stores))]
    settings = _guarded("settings", lambda: _settings(stores))
    findings.append(settings)
    if not settings.well:
        return [*findings, Finding("stores", "note", "not looked at, for want of settings")]
    checks: tuple[tuple[str, Callable[[Stores], Finding]], ...] = (
        ("lake", _lake), ("results", partial(_results, deep=deep)), ("reports", _reports),
        ("warehouse", _warehouse), ("index", examine_index), ("ledger", _ledger),
        ("gate policy", _policy), ("events", examine_events), ("inbox", examine_inbox),
        ("sources", examine_sources),
        ("telemetry", examine_telemetry),
        ("scheduler", examine_scheduler), ("clock", examine_clock), ("service", examine_service),
        ("disk", _disk),
    )  # fmt: skip
    return [*findings, *(_guarded(what, _bound(check, stores)) for what, check in checks)]


def _bound(check: Callable[[Stores], Finding], stores: Stores) -> Callable[[], Finding]:
    return lambda: check(stores)


def _guarded(what: str, check: Callable[[], Finding]) -> Finding:
    """Make an error that a check meets its finding."""
    try:
        with as_errors():
            return check()
    except QraftError as error:
        found = f"{error.place}: {error.what}" if error.place else error.what
        remedies = (error.remedy,) if error.remedy else ()
        return Finding(what, "wrong", found, None if remedies else error.hint, remedies)


def _machine() -> list[Finding]:
    version = platform.python_version()
    supported = (3, 11) <= sys.version_info[:2] < (3, 13)
    python = Finding(
        "python", "ok" if supported else "wrong", f"{version}, {platform.machine()}",
        "install Python 3.11 or 3.12, then: uv sync",
    )  # fmt: skip
    needed = ["qraft", *_required()]
    missing = [name for name in needed if not _installed(name)]
    packages = Finding(
        "packages", "wrong" if missing else "ok",
        f"missing: {', '.join(missing)}" if missing else f"all {len(needed)} are installed",
        "uv sync",
    )  # fmt: skip
    return [python, packages]


def _required() -> list[str]:
    """Return the distributions that ours asks for; none where it is not installed itself."""
    try:
        requirements = metadata.requires("qraft") or []
    except metadata.PackageNotFoundError:
        return []
    wanted = [text for text in requirements if "extra ==" not in text]
    return [re.split(r"[^A-Za-z0-9._-]", text, maxsplit=1)[0] for text in wanted]


def _installed(name: str) -> bool:
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _workspace(stores: Stores) -> Finding:
    root, home = stores.workspace.root, stores.workspace.home
    for folder in (root, home):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            return Finding(
                "workspace", "wrong", f"{folder} cannot be written to", f"chmod u+wx {folder}"
            )
    return Finding("workspace", "ok", f"{root}, {'in use' if home.exists() else 'new'}")


def _settings(stores: Stores) -> Finding:
    path = stores.workspace.root / SETTINGS_FILE
    _ = stores.settings
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    given = [name for name in names if os.environ.get(name)]
    source = SETTINGS_FILE if path.exists() else f"defaults, for there is no {SETTINGS_FILE}"
    return Finding("settings", "ok", ", ".join([source, *given]))


def _lake(stores: Stores) -> Finding:
    url = without_secrets(stores.settings.lake)
    if _is_new(stores):
        return Finding("lake", "ok", f"{url}: {NOT_YET}")
    if missing := examine_bucket(stores):
        return missing
    size = sum(info.bytes for info in stores.lake.store.list())
    return Finding("lake", "ok", f"{url}: {file_size(size)}")


def _results(stores: Stores, *, deep: bool) -> Finding:
    if _is_new(stores):
        return Finding("results", "ok", NOT_YET)
    return examine_results(stores.lake, deep=deep)


def _reports(stores: Stores) -> Finding:
    folder = stores.workspace.reports
    if not folder.exists():
        return Finding("reports", "ok", NOT_YET)
    count = len(list(folder.glob("*.html")))
    shown = folder.relative_to(stores.workspace.root)
    return Finding("reports", "ok", f"{shown}: {count} {'report' if count == 1 else 'reports'}")


def _warehouse(stores: Stores) -> Finding:
    from storage.open import open_warehouse
    from storage.warehouse.runs import count_runs

    url = without_secrets(stores.settings.warehouse)
    patient = stores.settings.model_copy(update={"wait_s": PATIENCE_S})
    opening = open_warehouse(patient, stores.workspace)  # refuses a URL that nothing answers to
    if silent := examine_warehouse(stores):
        return silent
    if _is_new(stores) or not stores.lake.store.list("runs"):
        return Finding("warehouse", "ok", f"{url}: {NOT_YET}")
    try:
        with opening as warehouse:
            count = count_runs(warehouse)
    except Busy:
        return Finding("warehouse", "note", f"{url}: in use by another qraft command")
    return Finding("warehouse", "ok", f"{url}: {count} {'run' if count == 1 else 'runs'}")


def _ledger(stores: Stores) -> Finding:
    if _is_new(stores):
        return Finding("ledger", "ok", NOT_YET)
    verdict = stores.ledger.verify()
    if verdict.ok and (ahead := stores.ledger.ahead()):
        return Finding("ledger", "wrong", ahead, "qraft gate clock --reason TEXT, if it was its")
    if verdict.ok:
        return Finding("ledger", "ok", f"{verdict.entries} entries, all whole")
    first = verdict.problems[0].meaning
    return Finding("ledger", "wrong", f"damaged: {first}", "restore it; see: qraft gate verify")


def _policy(stores: Stores) -> Finding:
    from gate.policy.file import SHIPPED, load_policy, policy_path

    load_policy(stores.workspace)
    path = policy_path(stores.workspace)
    return Finding("gate policy", "ok", "as it ships" if path == SHIPPED else str(path))


def _disk(stores: Stores) -> Finding:
    free = shutil.disk_usage(stores.workspace.root).free
    enough = free >= LEAST_FREE_BYTES
    return Finding(
        "disk", "ok" if enough else "wrong", f"{free / 1e9:,.1f} GB free",
        f"free some space on the disk of {stores.workspace.root}",
    )  # fmt: skip


def _is_new(stores: Stores) -> bool:
    """Whether nothing was ever made here; then a check-up makes nothing either."""
    url = str(Settings.model_fields["lake"].default)
    return stores.settings.lake == url and not stores.workspace.home.exists()

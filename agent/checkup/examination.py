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
from configs.errors import Busy, QraftError
from configs.faults import as_errors
from configs.numbers import file_size
from configs.settings import PREFIX, Settings
from configs.url import without_secrets
from configs.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.service.service import Service

LEAST_FREE_BYTES = 1_000_000_000


def examine(service: Service, *, deep: bool = False) -> list[Finding]:
    """Look at everything, in the order in which one thing rests on another.

    Parameters
    ----------
    deep
        Read every byte of every result.
    """
    findings = [*_machine(), _guarded("workspace", lambda: _workspace(service))]
    settings = _guarded("settings", lambda: _settings(service))
    findings.append(settings)
    if not settings.well:
        return [*findings, Finding("stores", "note", "not looked at, for want of settings")]
    checks: tuple[tuple[str, Callable[[Service], Finding]], ...] = (
        ("lake", _lake), ("results", partial(_results, deep=deep)), ("reports", _reports),
        ("warehouse", _warehouse), ("index", examine_index), ("ledger", _ledger),
        ("gate policy", _policy), ("events", examine_events), ("inbox", examine_inbox),
        ("telemetry", examine_telemetry),
        ("scheduler", examine_scheduler), ("clock", examine_clock), ("service", examine_service),
        ("disk", _disk),
    )  # fmt: skip
    return [*findings, *(_guarded(what, _bound(check, service)) for what, check in checks)]


def _bound(check: Callable[[Service], Finding], service: Service) -> Callable[[], Finding]:
    return lambda: check(service)


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


def _workspace(service: Service) -> Finding:
    root, home = service.workspace.root, service.workspace.home
    for folder in (root, home):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            return Finding(
                "workspace", "wrong", f"{folder} cannot be written to", f"chmod u+wx {folder}"
            )
    return Finding("workspace", "ok", f"{root}, {'in use' if home.exists() else 'new'}")


def _settings(service: Service) -> Finding:
    path = service.workspace.root / SETTINGS_FILE
    _ = service.settings
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    given = [name for name in names if os.environ.get(name)]
    source = SETTINGS_FILE if path.exists() else f"defaults, for there is no {SETTINGS_FILE}"
    return Finding("settings", "ok", ", ".join([source, *given]))


def _lake(service: Service) -> Finding:
    url = without_secrets(service.settings.lake)
    if _is_new(service):
        return Finding("lake", "ok", f"{url}: {NOT_YET}")
    if missing := examine_bucket(service):
        return missing
    size = sum(info.bytes for info in service.lake.store.list())
    return Finding("lake", "ok", f"{url}: {file_size(size)}")


def _results(service: Service, *, deep: bool) -> Finding:
    if _is_new(service):
        return Finding("results", "ok", NOT_YET)
    return examine_results(service.lake, deep=deep)


def _reports(service: Service) -> Finding:
    folder = service.workspace.reports
    if not folder.exists():
        return Finding("reports", "ok", NOT_YET)
    count = len(list(folder.glob("*.html")))
    shown = folder.relative_to(service.workspace.root)
    return Finding("reports", "ok", f"{shown}: {count} {'report' if count == 1 else 'reports'}")


def _warehouse(service: Service) -> Finding:
    from storage.open import open_warehouse
    from storage.warehouse.runs import count_runs

    url = without_secrets(service.settings.warehouse)
    patient = service.settings.model_copy(update={"wait_s": PATIENCE_S})
    opening = open_warehouse(patient, service.workspace)  # refuses a URL that nothing answers to
    if silent := examine_warehouse(service):
        return silent
    if _is_new(service) or not service.any_begun():
        return Finding("warehouse", "ok", f"{url}: {NOT_YET}")
    try:
        with opening as warehouse:
            count = count_runs(warehouse)
    except Busy:
        return Finding("warehouse", "note", f"{url}: in use by another qraft command")
    return Finding("warehouse", "ok", f"{url}: {count} {'run' if count == 1 else 'runs'}")


def _ledger(service: Service) -> Finding:
    if _is_new(service):
        return Finding("ledger", "ok", NOT_YET)
    verdict = service.ledger.verify()
    if verdict.ok and (ahead := service.ledger.ahead()):
        return Finding("ledger", "wrong", ahead, "qraft gate clock --reason TEXT, if it was its")
    if verdict.ok:
        return Finding("ledger", "ok", f"{verdict.entries} entries, all whole")
    first = verdict.problems[0].meaning
    return Finding("ledger", "wrong", f"damaged: {first}", "restore it; see: qraft gate verify")


def _policy(service: Service) -> Finding:
    from gate.policy_file import SHIPPED, load_policy, policy_path

    load_policy(service.workspace)
    path = policy_path(service.workspace)
    return Finding("gate policy", "ok", "as it ships" if path == SHIPPED else str(path))


def _disk(service: Service) -> Finding:
    free = shutil.disk_usage(service.workspace.root).free
    enough = free >= LEAST_FREE_BYTES
    return Finding(
        "disk", "ok" if enough else "wrong", f"{free / 1e9:,.1f} GB free",
        f"free some space on the disk of {service.workspace.root}",
    )  # fmt: skip


def _is_new(service: Service) -> bool:
    """Whether nothing was ever made here; then a check-up makes nothing either."""
    url = str(Settings.model_fields["lake"].default)
    return service.settings.lake == url and not service.workspace.home.exists()

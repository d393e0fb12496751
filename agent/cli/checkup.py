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

from agent.cli.clock_checkup import examine_clock, examine_service
from agent.cli.findings import NOT_YET, PATIENCE_S, Finding
from agent.cli.inbox_checkup import examine_inbox
from agent.cli.index_checkup import examine_index
from agent.cli.lake_checkup import examine_results
from agent.cli.server_checkup import (
    examine_bucket,
    examine_events,
    examine_scheduler,
    examine_telemetry,
    examine_warehouse,
)
from agent.cli.stream_checkup import examine_sources
from configs.endpoints.url import without_secrets
from configs.errors import Busy, QraftError
from configs.faults import as_errors
from configs.numbers import file_size
from configs.settings import PREFIX, Settings
from configs.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.cli.context import Context

LEAST_FREE_BYTES = 1_000_000_000


def examine(context: Context, *, deep: bool = False) -> list[Finding]:
    """Look at everything, in the order in which one thing rests on another.

    Parameters
    ----------
    deep
        Read every byte of every result.
    """
    findings = [*_machine(), _guarded("workspace", lambda: _workspace(context))]
    settings = _guarded("settings", lambda: _settings(context))
    findings.append(settings)
    if not settings.well:
        return [*findings, Finding("stores", "note", "not looked at, for want of settings")]
    checks: tuple[tuple[str, Callable[[Context], Finding]], ...] = (
        ("lake", _lake), ("results", partial(_results, deep=deep)), ("reports", _reports),
        ("warehouse", _warehouse), ("index", examine_index), ("ledger", _ledger),
        ("gate policy", _policy), ("events", examine_events), ("inbox", examine_inbox),
        ("sources", examine_sources),
        ("telemetry", examine_telemetry),
        ("scheduler", examine_scheduler), ("clock", examine_clock), ("service", examine_service),
        ("disk", _disk),
    )  # fmt: skip
    return [*findings, *(_guarded(what, _bound(check, context)) for what, check in checks)]


def _bound(check: Callable[[Context], Finding], context: Context) -> Callable[[], Finding]:
    return lambda: check(context)


def _guarded(what: str, check: Callable[[], Finding]) -> Finding:
    """Make an error that a check meets its finding."""
    try:
        with as_errors():
            return check()
    except QraftError as error:
        found = f"{error.place}: {error.what}" if error.place else error.what
        return Finding(what, "wrong", found, error.next_command or error.hint)


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


def _workspace(context: Context) -> Finding:
    root, home = context.workspace.root, context.workspace.home
    for folder in (root, home):
        if folder.exists() and not os.access(folder, os.W_OK | os.X_OK):
            return Finding(
                "workspace", "wrong", f"{folder} cannot be written to", f"chmod u+wx {folder}"
            )
    return Finding("workspace", "ok", f"{root}, {'in use' if home.exists() else 'new'}")


def _settings(context: Context) -> Finding:
    path = context.workspace.root / SETTINGS_FILE
    _ = context.settings
    names = [PREFIX + name.upper() for name in Settings.model_fields]
    given = [name for name in names if os.environ.get(name)]
    source = SETTINGS_FILE if path.exists() else f"defaults, for there is no {SETTINGS_FILE}"
    return Finding("settings", "ok", ", ".join([source, *given]))


def _lake(context: Context) -> Finding:
    url = without_secrets(context.settings.lake)
    if _is_new(context):
        return Finding("lake", "ok", f"{url}: {NOT_YET}")
    if missing := examine_bucket(context):
        return missing
    size = sum(info.bytes for info in context.lake.store.list())
    return Finding("lake", "ok", f"{url}: {file_size(size)}")


def _results(context: Context, *, deep: bool) -> Finding:
    if _is_new(context):
        return Finding("results", "ok", NOT_YET)
    return examine_results(context.lake, deep=deep)


def _reports(context: Context) -> Finding:
    folder = context.workspace.reports
    if not folder.exists():
        return Finding("reports", "ok", NOT_YET)
    count = len(list(folder.glob("*.html")))
    shown = folder.relative_to(context.workspace.root)
    return Finding("reports", "ok", f"{shown}: {count} {'report' if count == 1 else 'reports'}")


def _warehouse(context: Context) -> Finding:
    from agent.cli.recorded import any_begun
    from storage.open import open_warehouse

    url = without_secrets(context.settings.warehouse)
    patient = context.settings.model_copy(update={"wait_s": PATIENCE_S})
    opening = open_warehouse(patient, context.workspace)  # refuses a URL that nothing answers to
    if silent := examine_warehouse(context):
        return silent
    if _is_new(context) or not any_begun(context):
        return Finding("warehouse", "ok", f"{url}: {NOT_YET}")
    try:
        with opening as warehouse:
            rows = warehouse.rows("SELECT count() AS runs FROM runs")
    except Busy:
        return Finding("warehouse", "note", f"{url}: in use by another qraft command")
    count = rows[0]["runs"]
    return Finding("warehouse", "ok", f"{url}: {count} {'run' if count == 1 else 'runs'}")


def _ledger(context: Context) -> Finding:
    if _is_new(context):
        return Finding("ledger", "ok", NOT_YET)
    verdict = context.ledger.verify()
    if verdict.ok and (ahead := context.ledger.ahead()):
        return Finding("ledger", "wrong", ahead, "qraft gate clock --reason TEXT, if it was its")
    if verdict.ok:
        return Finding("ledger", "ok", f"{verdict.entries} entries, all whole")
    first = verdict.problems[0].meaning
    return Finding("ledger", "wrong", f"damaged: {first}", "restore it; see: qraft gate verify")


def _policy(context: Context) -> Finding:
    from gate.policy.file import SHIPPED, load_policy, policy_path

    load_policy(context.workspace)
    path = policy_path(context.workspace)
    return Finding("gate policy", "ok", "as it ships" if path == SHIPPED else str(path))


def _disk(context: Context) -> Finding:
    free = shutil.disk_usage(context.workspace.root).free
    enough = free >= LEAST_FREE_BYTES
    return Finding(
        "disk", "ok" if enough else "wrong", f"{free / 1e9:,.1f} GB free",
        f"free some space on the disk of {context.workspace.root}",
    )  # fmt: skip


def _is_new(context: Context) -> bool:
    """Whether nothing was ever made here; then a check-up makes nothing either."""
    url = str(Settings.model_fields["lake"].default)
    return context.settings.lake == url and not context.workspace.home.exists()

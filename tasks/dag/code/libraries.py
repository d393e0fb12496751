"""Libraries: the distributions that imports lead to, and those that they need, with versions."""

from __future__ import annotations

import re
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from configs.errors import Failed
from taskspecs.identity import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tasks.dag.code.kept import Kept

_REQUIRED: Final = re.compile(r"^[A-Za-z0-9._-]+")


def versions(imported: Iterable[str], kept: Kept, *, without: Iterable[str]) -> dict[str, str]:
    """Return the versions of libraries and of all that they need and that is installed.

    What is needed for an extra alone is not followed.

    Parameters
    ----------
    imported
        Names of packages as they are imported, as ``sklearn``; those that are not installed are
        nobody's, for what is imported if it is there.
    kept
        Remembers which distribution has a package, as long as the same ones are installed.
    without
        Distributions that are left out, with all that only they need.
    """
    installed = installed_versions()
    table = _table(kept, installed)
    waiting = [name for top in imported for name in table["of_package"].get(top, ())]
    found: dict[str, str] = {}
    left_out = set(without)
    while waiting:
        name = waiting.pop()
        if name in found or name in left_out or name not in installed:
            continue
        found[name] = installed[name]
        waiting += table["needs"].get(name, ())
    return dict(sorted(found.items()))


@cache
def installed_versions() -> dict[str, str]:
    """Return all distributions that are installed, by their normal names, with versions."""
    found: dict[str, str] = {}
    for each in metadata.distributions():
        name, version = _of_path(each)
        found.setdefault(normal(name), version)  # the first on the path is the one that is loaded
    return found


def normal(name: str) -> str:
    """Return a distribution's name as all write it: PEP 503.

    Examples
    --------
    >>> normal("Scikit_Learn")
    'scikit-learn'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_path(found: metadata.Distribution) -> tuple[str, str]:
    """Read name and version off the folder, which is much cheaper than reading the file in it."""
    stem = getattr(getattr(found, "_path", None), "name", "")
    match stem.removesuffix(".dist-info").split("-"):
        case [name, version] if stem.endswith(".dist-info"):
            return name, version
    name, version = found.metadata["Name"], found.version
    if not name or not version:
        raise Failed(f"an installed distribution has no name or version: {found}")
    return name, version


def _table(kept: Kept, installed: Mapping[str, str]) -> Mapping[str, Any]:
    """Return who has which package, and who needs whom."""
    key = f"libraries {digest(dict(installed))}"
    table = kept.find(key)
    if table is None:
        table = {"of_package": _of_packages(), "needs": _needs()}
        kept.keep(key, table)
    return dict(table)


@cache
def _of_packages() -> dict[str, list[str]]:
    found = metadata.packages_distributions()
    return {top: sorted({normal(name) for name in names}) for top, names in found.items()}


@cache
def _needs() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for each in metadata.distributions():
        needed = [one for one in each.requires or () if "extra ==" not in one.replace("  ", " ")]
        names = [match[0] for one in needed if (match := _REQUIRED.match(one))]
        found.setdefault(normal(_of_path(each)[0]), sorted({normal(name) for name in names}))
    return found

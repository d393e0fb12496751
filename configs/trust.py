"""Where a workspace's settings would send a secret, and whether its person agreed to that.

Whoever may write to a workspace may write its ``qraft.yaml``. A line there that names a host would
send a secret of the environment to that host, and one that names a Dask scheduler would let that
host run code here. So each pair of a secret and a host is agreed to once, by the person, and kept
among their own files. What the environment itself sets (``QRAFT_...``) is the operator's word.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from configs.errors import BadInput, Damaged, Forbidden, Place
from configs.private_files import config_folder, read_private, replace_private
from configs.url import without_secrets
from configs.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from configs.settings import Settings

FILE: Final = "trusted.json"
CODE: Final = "code"
"""What stands for a secret where whoever answers may run code in a run."""
CONNECT: Final = "connection"
"""What stands for a secret where a host is merely called, by a source of the workspace."""
SECRETS: Final = {
    "s3": ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
    "clickhouse": ("CLICKHOUSE_PASSWORD",),
    "qdrant": ("QDRANT_API_KEY",),
    "openobserve": ("OPENOBSERVE_PASSWORD",),
}
"""By the scheme of a store's URL: the variables that go there."""
OWN: Final = frozenset({
    ("OPENAI_API_KEY", "https://api.openai.com"),
    ("AWS_SECRET_ACCESS_KEY", "s3://amazonaws.com"),
    ("AWS_SESSION_TOKEN", "s3://amazonaws.com"),
})  # fmt: skip
"""Secrets at those who gave them out."""
_PLACE: Final = re.compile(
    r"(?P<user>[A-Za-z0-9._%+~\-]*@)?(?P<host>(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._\-]+)(:[0-9]{1,5})?)"
)
"""Strict: what clients read differently, such as a backslash, is no place at all."""


class Sending(NamedTuple):
    """A secret that would go to a host."""

    setting: str
    variable: str
    host: str
    """With its scheme and port, as ``https://api.example:8443``."""

    def __str__(self) -> str:
        """Say what would happen."""
        if self.variable == CODE:
            return f"`{self.setting}`: {self.host} may run code in this workspace's runs"
        if self.variable == CONNECT:
            return f"`{self.setting}`: this machine calls {self.host}, and reads what it says"
        return f"`{self.setting}`: {self.variable} of your environment goes to {self.host}"


def sendings(settings: Settings) -> list[Sending]:
    """Return all that settings would send, if the environment has it."""
    found = list(dict.fromkeys(_all(settings)))
    return [each for each in found if each.variable == CODE or os.environ.get(each.variable)]


def not_trusted(settings: Settings, from_environment: Collection[str] = ()) -> list[Sending]:
    """Return what nobody agreed to.

    Parameters
    ----------
    from_environment
        The settings that the operator's environment gives, by their names.

    Raises
    ------
    Forbidden
        If others could have written what was agreed to.
    """
    open_ones = [
        each
        for each in sendings(settings)
        if each.setting.partition(".")[0] not in from_environment
        and (each.variable, each.host) not in OWN
    ]
    return not_agreed(open_ones)


def not_agreed(asked: list[Sending]) -> list[Sending]:
    """Return those of `asked` that nobody agreed to; see :func:`not_trusted`."""
    agreed = _agreed() if asked else frozenset()
    return [each for each in asked if (each.variable, each.host) not in agreed]


def require_trust(settings: Settings, from_environment: Collection[str]) -> None:
    """Refuse settings that would send what nobody agreed to.

    Raises
    ------
    Forbidden
        With the command by which a person agrees.
    """
    refused = not_trusted(settings, from_environment)
    if refused:
        raise Forbidden(
            f"nobody agreed to this yet: {refused[0]}",
            place=Place(SETTINGS_FILE, key=refused[0].setting),
            hint="settings of a workspace are anybody's who may write there; agree once, at a "
            "terminal, or set it in the environment",
            next_command="qraft trust",
        )


def agree(to: Iterable[Sending]) -> None:
    """Keep that a person agreed."""
    known = _agreed() | {(each.variable, each.host) for each in to}
    by_variable: dict[str, list[str]] = {}
    for variable, host in sorted(known):
        by_variable.setdefault(variable, []).append(host)
    replace_private(_file(), json.dumps(by_variable, indent=1).encode())


def _all(settings: Settings) -> Iterator[Sending]:
    embeddings, llm = settings.embeddings, settings.llm
    if embeddings is not None and embeddings.model.startswith("openai:"):
        host = _host("embeddings.base_url", embeddings.base_url)
        yield Sending("embeddings.base_url", embeddings.api_key_variable, host)
    if llm.base_url and any(model.startswith("openai:") for model in llm.models):
        host = _host("llm.base_url", llm.base_url)
        yield Sending("llm.base_url", "OPENAI_API_KEY", host)
    for name in ("lake", "warehouse", "index", "telemetry"):
        url = getattr(settings, name)
        for variable in SECRETS.get(urlsplit(url).scheme, ()):
            yield Sending(name, variable, _host(name, url))
    if settings.compute != "local":
        yield Sending("compute", CODE, _host("compute", settings.compute))


def _host(setting: str, url: str) -> str:
    """Return scheme, host and port of a URL, read so that no client reads another host."""
    parts = urlsplit(url)
    options = parse_qs(parts.query)
    if parts.scheme == "s3":
        endpoints = options.get("endpoint", [])
        return _host(setting, endpoints[-1]) if endpoints else "s3://amazonaws.com"
    place = _PLACE.fullmatch(parts.netloc)
    if place is None or (place["user"] and parts.scheme in {"http", "https"}):
        raise BadInput(
            f"`{without_secrets(url)}` names no host that can be agreed to",
            place=Place(SETTINGS_FILE, key=setting),
        )
    tls = "+tls" if {"1", "true"} & set(options.get("secure", [])) else ""
    return f"{parts.scheme}{tls}://{place['host'].lower()}"


def _agreed() -> frozenset[tuple[str, str]]:
    raw = read_private(_file(), secret=False)
    if raw is None:
        return frozenset()
    try:
        return frozenset(
            (str(variable), str(host))
            for variable, hosts in json.loads(raw).items()
            for host in hosts
        )
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(
            f"{_file()} cannot be read",
            next_command=f"rm {shlex.quote(str(_file()))}   (and agree again)",
        ) from error


def _file() -> Path:
    return config_folder() / FILE

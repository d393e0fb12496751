"""Settings: one URL for each store; its scheme picks the adapter."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, StringConstraints

from configs.document import Document, parse_document, read_document
from configs.endpoints.llm import LlmSettings
from configs.endpoints.trust import require_trust
from configs.section import Section
from configs.validation import validate
from configs.workspace import SETTINGS_FILE

if TYPE_CHECKING:
    from configs.workspace import Workspace

PREFIX = "QRAFT_"
Url = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9\-]*://\S+$")]


class Embeddings(Section):
    """What turns passages into dense vectors, beside the words that are always searched."""

    model: Annotated[str, StringConstraints(pattern=r"^(openai|fastembed):\S+$")]
    """`openai:NAME` at an OpenAI-compatible endpoint, or `fastembed:NAME` on this machine."""
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")] = (
        "https://api.openai.com/v1"
    )
    """The endpoint, such as `http://127.0.0.1:11434/v1`."""
    api_key_variable: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")] = (
        "OPENAI_API_KEY"
    )
    """The environment variable that holds its key."""


class Settings(Section):
    """What ``qraft.yaml`` may say; an environment variable (``QRAFT_LAKE``, ...) outranks it.

    Paths in URLs are relative to the workspace.
    """

    lake: Url = "file://.qraft/lake"
    """Where results are kept, as `file://folder`."""
    warehouse: Url = "chdb://.qraft/warehouse"
    """Where rows are asked for, as `chdb://folder`."""
    events: Url = "spool://.qraft/events"
    """Who carries events: `spool://folder`, or `nsq://host:port`, with `?lookupd=host:port` to
    find more of them."""
    index: Url = "qdrant-local://.qraft/index"
    """Where passages are searched: `qdrant-local://folder` or `qdrant://host:6333/collection`."""
    embeddings: Embeddings | None = None
    """What finds passages by meaning, as `{model: "openai:text-embedding-3-small"}`; without it
    they are found by their words."""
    notes: Annotated[str, StringConstraints(pattern=r"^[^/~\s][^~]*$")] = "notes"
    """The folder of a person's own notes, Markdown or PDF, within the workspace."""
    studies: tuple[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_*?\-][A-Za-z0-9_*?.\-/]*$")], ...
    ] = ("studies/*.yaml",)
    """The TaskSpecs that the clock and events rerun, as patterns below the workspace."""
    scheduler: Annotated[str, StringConstraints(pattern=r"^(auto|local|http://\S+)$")] = "auto"
    """`auto`: the workspace's own Luigi scheduler if `qraft ui` runs, else none; or its address."""
    holdout: dict[str, date | Annotated[float, Field(gt=0, lt=1)]] = Field(default_factory=dict)
    """The last part of a source, closed to all but the gate: the first closed day, as
    `sample: 2012-01-01`, or a share of its days, as `data/prices.csv: 0.2`. Once it is in force it
    stays, whatever is written here; an earlier day may be written later."""
    compute: Annotated[str, StringConstraints(pattern=r"^(local|(tcp|tls)://\S+)$")] = "local"
    """`local`: processes of this machine; or the address of a Dask scheduler."""
    telemetry: Url = "file://.qraft/telemetry.jsonl"
    """What ran and how long: always in that file, and from there to
    `openobserve://user@host:5080/organisation/stream` if that is named."""
    llm: LlmSettings = LlmSettings()
    """Language models: which, where, and what they may cost; default none."""
    wait_s: Annotated[float, Field(gt=0, le=86_400)] = 120.0
    """Seconds to wait for another qraft command that uses the same workspace."""

    def __hash__(self) -> int:
        """Hash what they say: stores are opened once for equal settings."""
        return hash(self.model_dump_json())


def load_settings(workspace: Workspace) -> Settings:
    """Read the workspace's settings, or the defaults where there is no ``qraft.yaml``.

    Raises
    ------
    BadInput
        Located in the file, or naming the environment variable.
    Forbidden
        If they would send a secret to a host that nobody agreed to; see `configs.endpoints.trust`.
    """
    settings, from_environment = read_settings(workspace)
    require_trust(settings, from_environment)
    return settings


def read_settings(workspace: Workspace) -> tuple[Settings, frozenset[str]]:
    """Read the settings as they stand, and name those that the environment gives.

    Raises
    ------
    BadInput
        As :func:`load_settings`.
    """
    path = workspace.root / SETTINGS_FILE
    empty = Document(str(path), {})
    # A settings file of comments only is a settings file that changes nothing.
    has_content = path.exists() and any(
        line.strip() and not line.lstrip().startswith("#")
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    settings = validate(Settings, read_document(path) if has_content else empty)
    overrides = _from_environment()
    given = validate(Settings, overrides)
    named = frozenset(overrides.value)
    return settings.model_copy(update={name: getattr(given, name) for name in named}), named


def _from_environment() -> Document:
    lines = [
        f"{name}: {os.environ[PREFIX + name.upper()]}"
        for name in Settings.model_fields
        if os.environ.get(PREFIX + name.upper())
    ]
    return parse_document("\n".join(lines).encode() or b"{}", file="environment (QRAFT_...)")

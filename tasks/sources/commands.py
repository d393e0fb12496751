"""What any face can ask of sources: list, show, write, fetch; plain values in, plain values out."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

from configs.document import parse_document
from configs.errors import BadInput, Failed
from tasks.sources.choosing import provider_of
from tasks.sources.fetching import Wanted, fetch, lengths_to
from tasks.sources.history.asking import silent
from tasks.sources.providers.libraries import LIBRARIES
from tasks.sources.spans import span_of, symbols_of
from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import FORMATS
from taskspecs.identity import resolved
from taskspecs.sources.catalogue import FOLDER, SUFFIX, find, is_shipped, own, shipped
from taskspecs.sources.consent import sendings
from taskspecs.sources.load import load, source_digest, understand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from configs.output import Talk
    from configs.workspace import Workspace
    from taskspecs.sources.spec import SourceSpec

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]{0,63}")


def list_sources(workspace: Workspace) -> list[dict[str, Any]]:
    """Return a row for each source, and for each library that brings history."""
    rows = [_row(path) for path in {**shipped(), **own(workspace)}.values()]
    rows += [
        {"kind": "library", "name": name, "by": "library", "format": None, "history": name,
         "symbols": [], "about": f"daily bars of the past, by {name}; an extra of Qraft"}
        for name in LIBRARIES
    ]  # fmt: skip
    return rows


def _row(path: Path) -> dict[str, Any]:
    kind = "shipped" if is_shipped(path) else "own"
    try:
        spec, _ = load(path, known())
    except BadInput as error:
        return {"kind": kind, "name": path.stem, "by": None, "format": None, "history": None,
                "symbols": [], "about": f"not valid: {error}"}  # fmt: skip
    return {
        "kind": kind,
        "name": spec.name,
        "by": spec.connect.by,
        "format": spec.decode.format or f"fields of {spec.decode.text}",
        "history": _history(spec),
        "symbols": list(spec.symbols),
        "about": spec.description,
    }


def _history(spec: SourceSpec) -> str | None:
    history = make(spec).history
    return None if history is None else history.name


def show_source(workspace: Workspace, name: str) -> dict[str, Any]:
    """Return what a source is, reaches, and makes, and what it says.

    Raises
    ------
    BadInput
        If there is none, or it is not valid.
    """
    path = find(name, workspace)
    spec, _ = load(path, known())
    decoder = make(spec)
    asks = [] if is_shipped(path) else [str(each) for each in sendings(spec)]
    about = FORMATS[spec.decode.format].about if spec.decode.format else "a map of fields"
    return {
        "name": spec.name,
        "kind": "shipped" if is_shipped(path) else "own",
        "path": str(path),
        "about": spec.description,
        "licence": spec.licence,
        "symbols": list(spec.symbols),
        "their symbols": list(decoder.names.asked),
        "reads": about,
        "decimals": f"prices {decoder.scales.price_decimals}, sizes {decoder.scales.size_decimals}",
        "history": _history(spec),
        "asks consent": asks,
        "digest": source_digest(spec),
        "document": path.read_text(encoding="utf-8"),
        "spec": resolved(spec),
    }


def write_source(
    workspace: Workspace,
    name: str,
    *,
    base: str,
    symbols: str | None = None,
    url: str | None = None,
) -> tuple[Path, list[str]]:
    """Write a source of the workspace after another one.

    Returns
    -------
    tuple
        The file, and what a person has to agree to before it runs.

    Raises
    ------
    BadInput
        If the name is none, or is taken; or the result is not valid.
    """
    path = _free(workspace, name)
    text = find(base, workspace).read_text(encoding="utf-8")
    text = _put(text, "name", name)
    if symbols is not None:
        text = _put(text, "symbols", list(symbols_of(symbols, ())))
    if url is not None:
        text = re.sub(r"(?m)^  url: .*$", lambda _: f"  url: {_inline(url)}", text, count=1)
    spec, _ = understand(parse_document(text.encode(), file=str(path)), known())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise _taken(path) from error
    except OSError as error:
        raise Failed(f"{path} cannot be written: {error.strerror}") from error
    return path, [str(each) for each in sendings(spec)]


def _put(text: str, key: str, value: Any) -> str:
    """Put a value in the place of a key's, where it stands in one line."""
    line = f"{key}: {_inline(value)}"
    changed, count = re.subn(rf"(?m)^{key}: .*$", lambda _: line, text, count=1)
    return changed if count else f"{text.rstrip()}\n{line}\n"


def _inline(value: Any) -> str:
    return (
        yaml.safe_dump(value, default_flow_style=True, width=10**6)
        .strip()
        .removesuffix("...")
        .strip()
    )


def _free(workspace: Workspace, name: str) -> Path:
    if not NAME.fullmatch(name):
        raise BadInput(
            f"`{name}` cannot name a source",
            hint="lower-case letters, digits and underscores, a letter first",
        )
    if name in shipped():
        raise BadInput(f"a source `{name}` ships with Qraft", hint="give yours another name")
    path = workspace.inside(f"{FOLDER}/{name}{SUFFIX}")
    if path.exists():
        raise _taken(path)
    return path


def _taken(path: Path) -> BadInput:
    return BadInput(
        f"{path} is there already, and is not replaced", hint="give the new source another name"
    )


def fetch_bars(
    workspace: Workspace,
    *,
    source: str,
    first: str,
    last: str | None = None,
    symbols: str | None = None,
    length: str = "day",
    name: str | None = None,
    replace: bool = False,
    say: Talk = silent,
    tell: Callable[[str, float, int], None] | None = None,
) -> dict[str, Any]:
    """Bring bars of a period into the workspace; see `tasks.sources.fetching.fetch`.

    Returns
    -------
    dict
        What the sidecar says, with `path`, the file within the workspace, and `use`, the line of a
        TaskSpec that reads it.
    """
    provider, usual = provider_of(source, workspace, say)
    every_us = lengths_to(provider, length)
    span = span_of(first, last, every_us, now=datetime.now(UTC))
    called = name or f"{provider.name}_{length}"
    if not FILE_NAME.fullmatch(called):
        raise BadInput(f"`{called}` cannot be a file's name", hint="letters, digits, ._-")
    wanted = Wanted(symbols_of(symbols, usual), span, length, called)
    told = asyncio.run(fetch(provider, wanted, workspace, replace=replace, tell=tell))
    path = f"data/{called}.parquet"
    finer = "" if length == "day" else f", frequency: {length}"
    return {**told, "path": path, "use": f"data: {{source: file, path: {path}{finer}}}"}

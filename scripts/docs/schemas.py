"""Pages about documents that people write, from their pydantic models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

Node = dict[str, Any]
_BOUNDS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "pattern": "as `{}`",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} entries",
}
ELSEWHERE = {"detector": "[detectors](detectors.md)"}
"""Families that have a page of their own, by the key that tells their members apart."""


def write_schema(model: type[BaseModel], title: str, preamble: str) -> str:
    """Write a page: the document's keys, then those of each section, one table each."""
    schema = model.model_json_schema()
    sections = schema.get("$defs", {})
    parts = [f"# {title}\n\n{preamble}\n", _table(schema, sections)]
    for name in _reached(schema, sections):
        if "properties" in sections[name]:
            said = sections[name].get("description", "")
            parts.append(f"## {name}\n\n{_prose(said)}\n\n{_table(sections[name], sections)}")
    return "\n".join(parts)


def _reached(node: Any, sections: Node, seen: dict[str, None] | None = None) -> dict[str, None]:
    """Name sections in the order in which a reader meets them."""
    seen = {} if seen is None else seen
    for name in _references(node):
        if name not in seen:
            seen[name] = None
            _reached(sections[name], sections, seen)
    return seen


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict) and not _elsewhere(node):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for key, value in node.items():
            if key not in {"$defs", "default", "mapping"}:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _elsewhere(node: Node) -> str | None:
    return ELSEWHERE.get(node.get("discriminator", {}).get("propertyName", ""))


def _table(schema: Node, sections: Node) -> str:
    needed = schema.get("required", [])
    rows = [
        _row(name, node, name in needed, sections) for name, node in schema["properties"].items()
    ]
    return "\n".join(["| key | takes | default | meaning |", "|---|---|---|---|", *rows, ""])


def _row(name: str, node: Node, needed: bool, sections: Node) -> str:
    meaning = _meaning(node) or " ".join(
        _meaning(sections[section]) for section in list(_references(node))[:1]
    )
    cells = (f"`{name}`", _takes(node), "needed" if needed else _default(node), meaning)
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _takes(node: Node) -> str:
    """Say what a value may be: its kinds, its words, its bounds."""
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if page := _elsewhere(node):
        return f"one of the {page}"
    for several in ("anyOf", "oneOf"):
        if several in node:
            kinds = [_takes(each) for each in node[several] if each.get("type") != "null"]
            return ", or ".join(dict.fromkeys(kinds))
    if "enum" in node or "const" in node:
        return ", ".join(f"`{word}`" for word in node.get("enum", [node.get("const")]))
    bounds = [text.format(node[key]) for key, text in _BOUNDS.items() if key in node]
    return ", ".join([_kind(node), *bounds])


def _kind(node: Node) -> str:
    kind = node.get("type", "anything")
    if kind == "array" and isinstance(node.get("items"), dict):
        return f"list of: {_takes(node['items'])}"
    if kind == "object":
        inner = node.get("additionalProperties") or next(
            iter(node.get("patternProperties", {}).values()), None
        )
        return f"mapping of: {_takes(inner)}" if isinstance(inner, dict) else "mapping"
    return str(node.get("format", {"string": "text"}.get(kind, kind)))


def _default(node: Node) -> str:
    default = node.get("default")
    if default is None or default in ([], {}, ""):
        return ""
    # A section's default is the defaults of its own keys, which stand in its own table.
    return "" if isinstance(default, dict) else f"`{json.dumps(default)}`"


def _meaning(node: Node) -> str:
    return _prose(node.get("description", ""))


def _prose(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")

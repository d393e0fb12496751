"""From a YAML file to a SourceSpec that can be run: shape first, then what its parts mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from configs.document import Document, parse_document, read_document
from configs.errors import BadInput
from configs.validation import validate
from taskspecs.identity import canonical_json, digest, resolved
from taskspecs.sources.catalogue import FOLDER
from taskspecs.sources.checks import CHECKS
from taskspecs.sources.spec import SourceSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Known:
    """What other rooms know of the names in a SourceSpec; without it names are taken as they are.

    Attributes
    ----------
    formats
        Each named format, and whether it has a history of its own.
    filled
        The formats whose gaps that history fills.
    histories
        The histories that `history` may name.
    check_operator
        Called with an operator's name, its settings, and whether it stands in `then`; raises
        `BadInput`.
    """

    formats: Mapping[str, bool] | None = None
    filled: frozenset[str] = frozenset()
    histories: frozenset[str] | None = None
    check_operator: Callable[[str, Any, bool], None] | None = None


ANYTHING = Known()


@dataclass(frozen=True, slots=True)
class Reading:
    """A SourceSpec under examination: what it says, where it stands, what is known."""

    spec: SourceSpec
    document: Document
    known: Known = field(default=ANYTHING)


def load(path: Path, known: Known = ANYTHING) -> tuple[SourceSpec, Document]:
    """Read a SourceSpec; the document says where each of its values stands.

    Raises
    ------
    BadInput
        Located: file, line, key, the bad value, what is allowed, near matches.
    """
    spec, document = understand(read_document(path), known)
    if path.parent.name in {FOLDER, "shipped"} and spec.name != path.stem:
        raise BadInput(
            f"the source in {path.name} is called `{spec.name}`",
            place=document.place(("name",)),
            hint=f"name: {path.stem}",
        )
    return spec, document


def parse(text: str, known: Known = ANYTHING, *, file: str = "SourceSpec") -> SourceSpec:
    """Read a SourceSpec from text; see :func:`load`."""
    return understand(parse_document(text.encode(), file=file), known)[0]


def understand(document: Document, known: Known = ANYTHING) -> tuple[SourceSpec, Document]:
    """Validate a document as a SourceSpec, with all that its parts say of one another."""
    spec = validate(SourceSpec, document)
    reading = Reading(spec, document, known)
    for check in CHECKS:
        for path, error in check(reading):
            raise error.at(document.place(path)) from None
    return spec, document


def canonical(spec: SourceSpec) -> bytes:
    """Write a SourceSpec as the journal keeps it: every default written out, in one order."""
    return canonical_json(resolved(spec)).encode()


def restore(body: bytes) -> SourceSpec:
    """Read what :func:`canonical` wrote.

    Raises
    ------
    BadInput
        If it is no SourceSpec.
    """
    try:
        return SourceSpec.model_validate_json(body, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadInput(f"no SourceSpec: {first['msg']} (at {first['loc']})") from None


def source_digest(spec: SourceSpec) -> str:
    """Return the sha256 of a source's canonical form, in hex."""
    return digest(resolved(spec))


def schema() -> dict[str, Any]:
    """Return the JSON Schema of SourceSpecs, for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **SourceSpec.model_json_schema(),
    }

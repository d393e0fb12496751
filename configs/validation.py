"""From a document to a model, with errors that say where, what, and what was meant."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from configs.endpoints.url import without_secrets
from configs.errors import BadInput, did_you_mean

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from configs.document import Document, KeyPath

Model = TypeVar("Model", bound=BaseModel)


def validate(model: type[Model], document: Document) -> Model:
    """Validate `document` strictly as `model`.

    Strictly: no text becomes a number and no number text, for ``000001`` is not ``1``.

    Raises
    ------
    BadInput
        For the first thing wrong: file, line, key, value, what is allowed, near matches. How many
        other mistakes there are is said too.
    """
    try:
        return model.model_validate_json(json.dumps(document.value), strict=True)
    except ValidationError as error:
        details = error.errors(include_url=False)
        # A union tells a mistake once for each of its members.
        mistaken = {_real_path(document, detail)[0] for detail in details}
        raise _explain(model, document, _telling(details), others=len(mistaken) - 1) from None


def _telling(details: list[ErrorDetails]) -> ErrorDetails:
    """Choose the mistake to tell: rather a misspelt key than the one that is missing for it."""
    first = details[0]
    if first["type"] != "missing":
        return first
    misspelt = (
        detail
        for detail in details
        if detail["type"] == "extra_forbidden" and detail["loc"][:-1] == first["loc"][:-1]
    )
    return next(misspelt, first)


def _explain(
    model: type[BaseModel], document: Document, detail: ErrorDetails, *, others: int
) -> BadInput:
    path, unknown_key = _real_path(document, detail)
    kind = detail["type"]
    sentence = _SENTENCES.get(kind, _by_message)(document, path, detail)
    hint = _hint(model, document, path, detail)
    if others:
        more = f"{others} more mistake{'s' if others > 1 else ''} after this one"
        hint = f"{hint}\n{more}" if hint else more
    return BadInput(sentence, place=document.place(path, of_key=unknown_key), hint=hint)


def _real_path(document: Document, detail: ErrorDetails) -> tuple[KeyPath, bool]:
    """Leave out the parts of pydantic's location that name a union's member, not a key."""
    here: Any = document.value
    path: list[str | int] = []
    for part in detail["loc"]:
        if isinstance(here, dict) and part in here:
            here = here[str(part)]
        elif isinstance(here, list) and isinstance(part, int) and part < len(here):
            here = here[part]
        elif detail["type"] != "missing" or part != detail["loc"][-1]:
            continue
        path.append(part)
    if detail["type"].startswith("union_tag") and (tag := _tag_key(detail)) in (here or {}):
        path.append(tag)
    return tuple(path), detail["type"] == "extra_forbidden"


def _tag_key(detail: ErrorDetails) -> str:
    return str(detail.get("ctx", {}).get("discriminator", "")).strip("'")


def _shown(document: Document, path: KeyPath, detail: ErrorDetails) -> str:
    value = document.written.get(path)
    if value is None:
        value = json.dumps(detail["input"], ensure_ascii=False, default=str)
    value = without_secrets(value) or "(nothing)"
    return value if len(value) <= 80 else f"{value[:77]}..."


def _unknown_key(_document: Document, path: KeyPath, _detail: ErrorDetails) -> str:
    return f"unknown key `{path[-1]}`"


def _missing(_document: Document, path: KeyPath, _detail: ErrorDetails) -> str:
    return f"the key `{path[-1]}` is missing"


def _bad_choice(document: Document, path: KeyPath, detail: ErrorDetails) -> str:
    return f"`{_shown(document, path, detail)}` is not one of the choices"


def _no_tag(_document: Document, _path: KeyPath, detail: ErrorDetails) -> str:
    return f"the key `{_tag_key(detail)}` is missing"


def _by_message(document: Document, path: KeyPath, detail: ErrorDetails) -> str:
    message = detail["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    if detail["loc"][-1:] == ("[key]",):
        return f"the name `{path[-1]}` is not allowed: {message}"
    if isinstance(detail["input"], dict):
        return message
    return f"`{_shown(document, path, detail)}`: {message}"


_SENTENCES = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "literal_error": _bad_choice,
    "union_tag_invalid": _bad_choice,
    "union_tag_not_found": _no_tag,
}


def _hint(
    model: type[BaseModel], document: Document, path: KeyPath, detail: ErrorDetails
) -> str | None:
    kind, context = detail["type"], detail.get("ctx", {})
    if isinstance(path[-1] if path else None, str) and ")" in str(path[-1]):
        return "inside { } a comma separates keys: write the expression in quotes"
    if kind == "extra_forbidden":
        return did_you_mean(str(path[-1]), _keys_at(model, document, path[:-1]))
    if kind in {"literal_error", "union_tag_invalid"}:
        choices = re.findall(
            r"'([^']*)'", str(context.get("expected", context.get("expected_tags")))
        )
        return did_you_mean(_shown(document, path, detail), choices)
    if kind == "string_type":
        return f'write it in quotes: "{_shown(document, path, detail)}"'
    if kind == "string_pattern_mismatch":
        return f"it must match {context.get('pattern')}"
    return None


def _keys_at(model: type[BaseModel], document: Document, path: KeyPath) -> list[str]:
    """Return the keys that the model allows at `path`."""
    here: Any = document.value
    models = [model]
    for part in path:
        here = here[part]
        if isinstance(part, int):
            continue
        annotations = [m.model_fields[part].annotation for m in models if part in m.model_fields]
        models = [found for a in annotations for found in _models_in(a)]
    tagged = [m for m in models if _tag_matches(m, here)]
    return sorted({key for m in tagged or models for key in m.model_fields})


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for argument in get_args(annotation) for found in _models_in(argument)]


def _tag_matches(model: type[BaseModel], value: Any) -> bool:
    """Whether `value` names this member of a tagged union."""
    for name, field in model.model_fields.items():
        choices = get_args(field.annotation)
        if field.is_required() and len(choices) == 1 and isinstance(value, dict):
            return bool(value.get(name) == choices[0])
    return False

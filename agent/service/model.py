"""What all answers of the service have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, and of no other fields than it says; its fields are what `--json` prints."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class RemedyTold(Model):
    """The deed that mends an error; see `configs.remedies.Mend` for all there are."""

    name: str
    arguments: dict[str, str]


class PlaceTold(Model):
    """Where in a person's file an error stands; lines and columns count from 1."""

    file: str
    line: int | None
    column: int | None
    key: str | None


class ErrorTold(Model):
    """An error, as `QraftError.document` tells it."""

    kind: str
    """Whose turn it is: a class of `configs.errors`."""
    what: str
    place: PlaceTold | None
    hint: str | None
    remedy: RemedyTold | None
    exit_code: int

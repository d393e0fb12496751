"""What all answers of the service have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, and of no other fields than it says; its fields are what `--json` prints."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

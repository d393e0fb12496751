"""What all bodies are made of: texts that are bounded, times, and how strictly they are read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints


def _is_moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without a zone")
    return text


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Text = Annotated[str, StringConstraints(max_length=20_000)]
Shown = Annotated[str, StringConstraints(max_length=1_000_000)]
"""What a person was shown, line by line."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_is_moment)]
Day = Annotated[str, StringConstraints(max_length=10), AfterValidator(_is_day)]
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]*$", max_length=256)]
Figures = dict[str, float | None]
Seq = Annotated[int, Field(ge=0)]


class Body(BaseModel):
    """What every body keeps: types are not bent, more than is required is allowed."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)


class Exact(Body):
    """A body, or a part of one, in which nothing else may stand."""

    model_config = ConfigDict(extra="forbid")

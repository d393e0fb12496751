"""What is said to a model, what it answers, and what that took."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Message(NamedTuple):
    """One message to a model."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls took; `usd` is none where a model has no price."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        """Add up; an unknown price makes the sum unknown."""
        unknown = self.usd is None or other.usd is None
        return Usage(
            self.calls + other.calls,
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            None if unknown else (self.usd or 0.0) + (other.usd or 0.0),
        )

    def __str__(self) -> str:
        """Say it in a line.

        Examples
        --------
        >>> str(Usage(1, 1200, 80, 0.0004))
        '1 call, 1,200 tokens in, 80 out, 0.0004 USD'
        """
        price = "price unknown" if self.usd is None else f"{self.usd:.4f} USD"
        calls = f"{self.calls} call{'' if self.calls == 1 else 's'}"
        return f"{calls}, {self.input_tokens:,} tokens in, {self.output_tokens:,} out, {price}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered.

    Attributes
    ----------
    text
        What it said in words.
    value
        The arguments of the tool that was asked for; none where it called it not, or with what is
        no JSON.
    problem
        Why there is no value, where one was asked for.
    model
        Who answered.
    usage
        What all attempts took.
    """

    text: str
    value: Mapping[str, Any] | None
    problem: str | None
    model: str
    usage: Usage = field(default_factory=Usage)

"""What all detectors have in common."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator

from configs.section import Section

Watched = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]
Seed = Annotated[int, Field(ge=0)]

MOMENTS = ("mean", "std", "skew")
"""What is watched of an expression's values across the symbols of one time."""


class Detector(Section):
    """What all detectors have in common."""

    scope: Literal["symbol", "market", "cross_section"] = "symbol"
    """One detector for each symbol; one for the market series; or one for the mean, the standard
    deviation and the skewness of each expression's values across the symbols of one time."""
    watch: Watched | Annotated[tuple[Watched, ...], Field(min_length=1, max_length=64)]
    """An expression over features, bars and, in scope `market`, market series; or a list of them,
    which are watched together."""
    cooldown_bars: Annotated[int, Field(ge=0, le=10_000)] = 5
    """Alarms at most so many bars apart are one pattern, reported at the first of them."""

    @field_validator("watch")
    @classmethod
    def _distinct(cls, watch: str | tuple[str, ...]) -> str | tuple[str, ...]:
        twice = sorted({text for text in watch if watch.count(text) > 1})
        if twice and not isinstance(watch, str):
            raise ValueError(f"watched twice: {', '.join(twice)}")
        return watch

    @property
    def watched(self) -> tuple[str, ...]:
        """The expressions this detector needs."""
        return (self.watch,) if isinstance(self.watch, str) else self.watch

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the numbers it is given at each bar.

        Examples
        --------
        >>> Detector(watch="$close").fields
        ('$close',)
        >>> Detector(watch="$r", scope="cross_section").fields
        ('mean($r)', 'std($r)', 'skew($r)')
        """
        if self.scope != "cross_section":
            return self.watched
        return tuple(f"{moment}({text})" for text in self.watched for moment in MOMENTS)

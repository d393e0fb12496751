"""What the settings say of language models; their keys come from the environment alone."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from configs.section import Section

ModelName = Annotated[
    str, StringConstraints(pattern=r"^[a-z_]+:[A-Za-z0-9][A-Za-z0-9._:/\-]{0,199}$")
]


class PriceSpec(Section):
    """What a model's tokens cost."""

    input_usd_per_mtok: Annotated[float, Field(ge=0)]
    """US dollars for a million tokens that are sent."""
    output_usd_per_mtok: Annotated[float, Field(ge=0)]
    """US dollars for a million tokens that come back."""


class LlmSettings(Section):
    """Which language models take part, if any, and what they may cost."""

    model: ModelName | None = None
    """As `openai:gpt-5-mini`, `anthropic:claude-sonnet-4-5`; default none: the template
    assistant."""
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")] | None = None
    """Where an OpenAI-compatible server answers, as `http://127.0.0.1:11434/v1`; for all models of
    provider `openai`."""
    fallbacks: tuple[ModelName, ...] = ()
    """Models that are asked in turn where the one before gives no answer."""
    vote: tuple[ModelName, ...] = ()
    """Models that are asked for a plan beside `model`; what they do not agree on is a question."""
    timeout_s: Annotated[float, Field(gt=0, le=3_600)] = 60.0
    """Seconds to wait for one answer."""
    max_retries: Annotated[int, Field(ge=0, le=10)] = 3
    """How often a call is made again after 408, 429, a server's error, a cut or a timeout."""
    requests_per_second: Annotated[float, Field(gt=0, le=1_000)] | None = None
    """Most calls a second of one process; default no limit."""
    max_output_tokens: Annotated[int, Field(ge=64, le=1_000_000)] = 8_000
    """Most tokens of one answer."""
    budget_usd: Annotated[float, Field(gt=0)] | None = None
    """The most that this workspace's calls may ever cost; raise it to go on. Default no limit."""
    prices: dict[ModelName, PriceSpec] = Field(default_factory=dict)
    """What each model costs; with a budget every model needs a price."""

    @property
    def models(self) -> tuple[str, ...]:
        """All models that may be asked."""
        named = [self.model] if self.model else []
        return tuple(dict.fromkeys([*named, *self.fallbacks, *self.vote]))

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.fallbacks or self.vote) and self.model is None:
            raise ValueError("`fallbacks` and `vote` go with `model`")
        unpriced = [name for name in self.models if name not in self.prices]
        if self.budget_usd is not None and unpriced:
            raise ValueError(f"with `budget_usd`, `prices` must name {', '.join(unpriced)}")
        return self

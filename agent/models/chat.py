"""A chat model that is asked through LangChain: within its budget, again where that may help."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from agent.models.answer import Answer, Message, Usage
from agent.models.budget import WORKSPACE, Budget
from agent.models.errors import (
    UNBILLED,
    NoAnswer,
    Refused,
    TryAgain,
    explain,
    is_transient,
    status_of,
    unusable,
)
from configs.remedies import Mend
from storage.telemetry.lines import record
from storage.telemetry.scrubbing import scrub

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from configs.endpoints.llm import LlmSettings, PriceSpec
    from configs.workspace import Workspace

FIRST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 20.0
OVERHEAD_BYTES: Final = 2_000
"""What a provider puts around messages, at the most."""
MILLION: Final = 1_000_000


@dataclass
class Chat:
    """Models in the order in which they are asked; each call is counted.

    Parameters
    ----------
    settings
        The section ``llm``.
    workspace
        Where spending and telemetry are kept.
    models
        Who is asked; the next where the one before gives no answer.
    limits
        Further accounts with their limits in US dollars, beside the workspace's own.
    purpose
        What the calls are for, as telemetry tells it.
    first_wait_s
        Seconds before the first retry; each further one waits longer.
    """

    settings: LlmSettings
    workspace: Workspace
    models: tuple[str, ...]
    limits: Mapping[str, float] = field(default_factory=dict)
    purpose: str = "ask"
    first_wait_s: float = FIRST_WAIT_S
    used: Usage = field(default_factory=Usage)
    """What all calls of this object took."""

    @property
    def purse(self) -> Budget:
        """The workspace's count of spending."""
        mine = {} if self.settings.budget_usd is None else {WORKSPACE: self.settings.budget_usd}
        path = self.workspace.home / "models" / "spending.jsonl"
        return Budget(path, {**self.limits, **mine})

    def ask(self, messages: Sequence[Message], tool: Mapping[str, Any] | None = None) -> Answer:
        """Ask; with `tool` the model is to call it, and it is the only one there is.

        Parameters
        ----------
        messages
            What is said; secrets of the environment are hidden before they are sent.
        tool
            A JSON schema with ``title`` and ``description``.

        Raises
        ------
        OverBudget
            If a call might exceed a budget; it is not made.
        NoAnswer
            If nobody answers after all retries.
        BadInput
            If a provider does not accept the key.
        """
        from langchain_core.runnables import RunnableLambda

        waits: Any = {"multiplier": self.first_wait_s, "max": LONGEST_WAIT_S, "jitter": 0.0}
        steps = [
            RunnableLambda(_Attempt(self, model, tool)).with_retry(
                retry_if_exception_type=(TryAgain,),
                stop_after_attempt=self.settings.max_retries + 1,
                wait_exponential_jitter=True,
                exponential_jitter_params=waits,
            )
            for model in self.models
        ]
        first, *others = steps
        chain = first.with_fallbacks(others, exceptions_to_handle=(TryAgain, Refused))
        try:
            answer: Answer = chain.invoke([_sent(message) for message in messages])
        except TryAgain as error:
            raise NoAnswer(
                f"{' and '.join(self.models)} gave no answer: {error}",
                hint=f"asked {self.settings.max_retries + 1} times each",
                remedy=Mend.CHECK_UP(),
            ) from error
        return answer

    def count(self, model: str, usage: Usage, outcome: str) -> None:
        """Add up what an attempt took, and tell it."""
        self.used = self.used + usage
        record(
            self.workspace, "model_call", purpose=self.purpose, model=model, outcome=outcome,
            input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, usd=usage.usd,
        )  # fmt: skip

    def price(self, model: str) -> PriceSpec | None:
        """Return a model's price, if the settings tell it."""
        return self.settings.prices.get(model)


def _sent(message: Message) -> tuple[str, str]:
    return message.role, scrub(message.text)


@dataclass(frozen=True)
class _Attempt:
    """One call: money set aside, the call made, the money settled."""

    chat: Chat
    model: str
    tool: Mapping[str, Any] | None

    def __call__(self, messages: Sequence[tuple[str, str]]) -> Answer:
        client = _client(self.chat.settings, self.model)
        worst = self._worst(messages)
        reserved = self.chat.purse.reserve(worst or 0.0, self.model)
        try:
            raw, value, problem = _call(client, self.tool, messages)
        except Exception as error:
            unbilled = status_of(error) in UNBILLED
            if unbilled:
                self.chat.purse.settle(reserved, 0.0)
            spent = Usage(1, usd=0.0 if unbilled else worst)
            self.chat.count(self.model, spent, type(error).__name__)
            if is_transient(error):
                raise TryAgain(f"{self.model}: {type(error).__name__}") from error
            raise explain(self.model, error) from error
        usage = self._usage(raw, worst)
        if usage.usd is not None:
            self.chat.purse.settle(reserved, usage.usd)
        self.chat.count(self.model, usage, "answered")
        return Answer(_text(raw), value, problem, self.model, usage)

    def _worst(self, messages: Sequence[tuple[str, str]]) -> float | None:
        """The most that a call can cost: no token is shorter than a byte."""
        price = self.chat.price(self.model)
        if price is None:
            return None
        said = json.dumps([list(messages), self.tool], ensure_ascii=False).encode()
        sent = (len(said) + OVERHEAD_BYTES) * price.input_usd_per_mtok
        back = self.chat.settings.max_output_tokens * price.output_usd_per_mtok
        return (sent + back) / MILLION

    def _usage(self, raw: Any, worst: float | None) -> Usage:
        told = getattr(raw, "usage_metadata", None)
        if not told:
            return Usage(1, usd=worst)
        sent, back = int(told["input_tokens"]), int(told["output_tokens"])
        price = self.chat.price(self.model)
        usd = None
        if price is not None:
            usd = sent * price.input_usd_per_mtok + back * price.output_usd_per_mtok
        return Usage(1, sent, back, None if usd is None else usd / MILLION)


def _call(
    client: Any, tool: Mapping[str, Any] | None, messages: Sequence[tuple[str, str]]
) -> tuple[Any, Mapping[str, Any] | None, str | None]:
    """Make the call; return the raw message, the tool's arguments, and why there are none."""
    if tool is None:
        return client.invoke(list(messages)), None, None
    structured = client.with_structured_output(
        dict(tool), method="function_calling", include_raw=True
    )
    answered = structured.invoke(list(messages))
    raw = answered["raw"]
    value = answered["parsed"]
    called = [call["name"] for call in raw.tool_calls]
    if called != [tool["title"]] or not isinstance(value, dict):
        return raw, None, _why_not(raw, called, str(tool["title"]))
    return raw, value, None


def _why_not(raw: Any, called: Sequence[str], wanted: str) -> str:
    if raw.additional_kwargs.get("refusal"):
        return "the model refused"
    if raw.invalid_tool_calls:
        return f"the arguments of {wanted} are not valid JSON"
    if called:
        return f"call {wanted} exactly once, and no other tool"
    return f"{wanted} was not called"


def _text(raw: Any) -> str:
    return str(raw.additional_kwargs.get("refusal") or raw.text or "")


def _client(settings: LlmSettings, model: str) -> Any:
    """Make LangChain's client; its own retries are off, for each attempt is paid for by itself."""
    from langchain.chat_models import init_chat_model

    provider, _, name = model.partition(":")
    further: dict[str, Any] = {}
    if provider == "openai":
        further = {"stream_usage": True}
        if settings.base_url:
            further["base_url"] = settings.base_url
    limiter = _limiter(settings.requests_per_second)
    try:
        return init_chat_model(
            name, model_provider=provider, timeout=settings.timeout_s, max_retries=0,
            max_tokens=settings.max_output_tokens, temperature=0, rate_limiter=limiter, **further,
        )  # fmt: skip
    except Exception as error:  # each provider has its own for a key that is missing
        raise unusable(model, error) from error


_LIMITERS: Final[dict[float, Any]] = {}


def _limiter(requests_per_second: float | None) -> Any:
    """Return the process's limiter for a rate; all chats share it."""
    if requests_per_second is None:
        return None
    if requests_per_second not in _LIMITERS:
        from langchain_core.rate_limiters import InMemoryRateLimiter

        _LIMITERS[requests_per_second] = InMemoryRateLimiter(
            requests_per_second=requests_per_second, check_every_n_seconds=0.02, max_bucket_size=1
        )
    return _LIMITERS[requests_per_second]

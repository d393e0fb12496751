"""What can go wrong with a model, and what each of its failures means."""

from __future__ import annotations

from typing import Final

from configs.errors import BadInput, Failed, Forbidden, Unreachable
from configs.remedies import Mend
from storage.telemetry.scrubbing import scrub

TRANSIENT: Final = frozenset({408, 409, 425, 429})
UNBILLED: Final = frozenset({400, 401, 403, 404, 422, 429})
"""Statuses by which a provider says that it did nothing; a server's error may come after work."""
LONGEST_REASON: Final = 200


class NoAnswer(Unreachable):
    """A model gave no answer, after all retries and fallbacks."""


class Refused(Failed):
    """A model refused, or its answer cannot be used."""


class OverBudget(Forbidden):
    """The next call might cost more than the budget has left; it was not made."""


class TryAgain(Exception):
    """A call failed in a way that may pass."""


def status_of(error: Exception) -> int | None:
    """Return the HTTP status that a provider's error carries, if any."""
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed later: limits, servers' errors, cuts, timeouts."""
    status = status_of(error)
    if status is not None:
        return status in TRANSIENT or status >= 500
    names = {kind.__name__ for kind in type(error).__mro__}
    told = ("Timeout", "Connection", "RemoteProtocol", "ReadError", "JSONDecode")
    return any(part in name for name in names for part in told)


def unusable(model: str, error: Exception) -> BadInput:
    """Word why a client cannot be made: no key, no such provider, a package that is missing."""
    return BadInput(
        f"{model} cannot be used: {scrub(' '.join(str(error).split()))[:LONGEST_REASON]}",
        hint="keys come from the environment, as OPENAI_API_KEY; a server of your own wants any "
        "text there. Providers: openai (and every compatible server, by llm.base_url), anthropic "
        "(extra `anthropic`)",
        remedy=Mend.CHECK_UP(),
    )


def explain(model: str, error: Exception) -> Exception:
    """Word a provider's error; nothing secret is in it."""
    status = status_of(error)
    if status in {401, 403}:
        return BadInput(
            f"{model} does not accept the key (status {status})",
            hint="the key comes from the environment, as OPENAI_API_KEY or ANTHROPIC_API_KEY",
            remedy=Mend.CHECK_UP(),
        )
    reason = scrub(" ".join(str(error).split()))[:LONGEST_REASON]
    return Refused(f"{model} cannot do this: {type(error).__name__}: {reason}")

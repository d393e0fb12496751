"""Every error that a person may see, and the exit code that belongs to it.

An error says what failed, on what, and the one deed that mends it. Its class says whose turn it is:
the person's (:class:`BadInput`), a colleague's (:class:`Forbidden`) or the machine's
(:class:`Failed`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from configs.remedies import Remedy


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a text an error stands; lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        """Render as ``file:line:column, key a.b``, the way editors link it."""
        numbers = [str(n) for n in (self.line, self.column) if n is not None]
        where = ":".join([self.file, *numbers])
        return f"{where}, key {self.key}" if self.key else where


SPEC = "TaskSpec"
"""The file that an error names while only the key is known; whoever knows the file puts it in."""


def in_spec(key: str) -> Place:
    """Name a key of the TaskSpec, as ``data.symbols[1]``."""
    return Place(SPEC, key=key)


class QraftError(Exception):
    """Something failed.

    Parameters
    ----------
    what
        One sentence: what failed and on what.
    place
        Where in a person's file it stands, if it does.
    hint
        What is allowed, near matches; may have several lines.
    remedy
        The one deed that mends it; a face words it.
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        what: str,
        *,
        place: Place | None = None,
        hint: str | None = None,
        remedy: Remedy | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.place = place
        self.hint = hint
        self.remedy = remedy

    def __str__(self) -> str:
        """Render what is told in words, a line each, the place first; a face adds the remedy."""
        head = f"{self.place}: {self.what}" if self.place else self.what
        return f"{head}\n{self.hint}" if self.hint else head

    def document(self) -> dict[str, object]:
        """Return all of it as plain values: one shape for every face that speaks to programs."""
        return {
            "kind": type(self).__name__,
            "what": self.what,
            "place": asdict(self.place) if self.place else None,
            "hint": self.hint,
            "remedy": self.remedy.document() if self.remedy else None,
            "exit_code": self.exit_code,
        }

    def at(self, place: Place) -> QraftError:
        """Return the same error, located: for a caller that knows where the text came from."""
        return type(self)(
            self.what, place=place, hint=self.hint, remedy=self.remedy
        ).with_traceback(self.__traceback__)


class Failed(QraftError):
    """The work could not be done, though the input was right; trying again is safe."""


class BadInput(QraftError):
    """What a person wrote cannot be used as it stands; nothing was written."""

    exit_code = 2


class MissingSecret(BadInput):
    """The environment does not hold a secret that the settings need."""


class Forbidden(QraftError):
    """The gate does not allow this; a person's decision is missing."""

    exit_code = 3


class Damaged(Failed):
    """Stored bytes differ from what their manifest promised; they are not used."""


class Busy(Failed):
    """Another process holds what this one needs, and did not let go in time."""


class Unreachable(Failed):
    """A store or a server does not answer."""


class Refused(Failed):
    """A store or a server answers, and does not let us in."""


def did_you_mean(value: str, allowed: Iterable[str]) -> str:
    """Say what is allowed and which of it is near to ``value``.

    Examples
    --------
    >>> did_you_mean("adwim", ["adwin", "half_space_trees"])
    "did you mean 'adwin'? allowed: adwin, half_space_trees"
    >>> did_you_mean("zebra", ["adwin"])
    'allowed: adwin'
    """
    names = sorted(allowed)
    near = get_close_matches(value, names, n=3, cutoff=0.6)
    listed = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    if not near:
        return f"allowed: {listed}"
    return f"did you mean {' or '.join(repr(n) for n in near)}? allowed: {listed}"

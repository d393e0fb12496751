"""Symbols by the exchange's names, and by ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tasks.streams.event import Malformed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_THEIRS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-^=/:]{0,63}")
_OURS: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-^=]{0,31}")


class Names:
    """Symbols both ways.

    Parameters
    ----------
    symbols
        Those that are asked for, by our names; none where all are taken that come.
    written
        How the exchange writes a name of ours, where nothing else is said.
    given
        Their names to ours, as a document gives them.
    """

    def __init__(
        self, symbols: Iterable[str], written: Callable[[str], str], given: Mapping[str, str]
    ) -> None:
        back = {ours: theirs for theirs, ours in given.items()}
        self.symbols = tuple(symbols)
        self._theirs = {ours: back.get(ours) or written(ours) for ours in self.symbols}
        self._written = written
        self._back = back
        self._ours = {**given, **{theirs: ours for ours, theirs in self._theirs.items()}}

    @property
    def asked(self) -> tuple[str, ...]:
        """The symbols that are asked for, by their names."""
        return tuple(self._theirs.values())

    def theirs(self, ours: str) -> str:
        """Return how the exchange writes a symbol."""
        return self._theirs.get(ours) or self._back.get(ours) or self._written(ours)

    def ours(self, theirs: str) -> str | None:
        """Return our name of a symbol; none for one that was not asked for.

        Raises
        ------
        Malformed
            `symbol` if it can be none.
        """
        found = self._ours.get(theirs)
        if found is not None:
            return found
        if not _THEIRS.fullmatch(theirs):
            raise Malformed("symbol", "what stands for a symbol is none")
        if self.symbols:
            return None
        ours = theirs.replace("/", "-").replace(":", "-")
        if not _OURS.fullmatch(ours):
            raise Malformed("symbol", "what stands for a symbol is none")
        return ours

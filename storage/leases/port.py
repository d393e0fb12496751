"""What every keeper of leases promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager


class Leases(Protocol):
    """Turns at computing a thing, taken by its name.

    A lease saves work; it does not make work safe. Where two hold one, as may happen after a pause
    longer than a lease, both compute the same bytes under the same key, and one commit wins.
    """

    def hold(
        self, name: str, *, what: str, on_wait: Callable[[str], None] | None = None
    ) -> AbstractContextManager[None]:
        """Hold the lease `name` for as long as the block lasts.

        A holder that lives is waited for as long as it takes; one that died is followed.

        Parameters
        ----------
        name
            Letters, digits and ``._-``.
        what
            What is computed, for people.
        on_wait
            Called with a sentence when there is something to wait for, or somebody to follow.
        """

"""qlib's own strategy, executor, exchange and account, fed from memory.

qlib asks for a data folder, a calendar file and an experiment store, and prints as it goes. None
of that is needed for a backtest: here its classes get their calendar, quotes and scores from
arrays, `qlib.init` is never called, and nothing is read or written. What decides, deals, values
and books is qlib's.

qlib imports gym, which prints on import that it is no longer maintained. Nobody who runs a
backtest can act on that, so the note is taken away before.
"""

from __future__ import annotations

from gym_notices import notices  # type: ignore[import-untyped]

notices.notices.clear()

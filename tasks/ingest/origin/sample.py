"""The sample: five real American shares, daily, 2000 to 2013, in the public domain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, in_spec

if TYPE_CHECKING:
    from taskspecs.schema import DataSpec

ZONE, SESSION_CLOSE = "America/New_York", "16:00"
_COLUMNS = {
    "symbol": "Ticker",
    "date": "Date",
    "open": "Open",
    "high": "High",
    "low": "Low",
    "close": "Close",
    "volume": "Volume",
    "adj_close": "Adj Close",
}


def as_file(data: DataSpec) -> DataSpec:
    """Return the sample's section with what is known about its file; other sections unchanged.

    Raises
    ------
    BadInput
        If the section gives the sample another zone or session.
    """
    if data.source != "sample":
        return data
    known = {"timezone": ZONE, "session_close": SESSION_CLOSE}
    for key, value in known.items():
        said = getattr(data, key)
        if said not in {None, value}:
            raise BadInput(
                f"the sample's days close at {SESSION_CLOSE} in {ZONE}, not {said}",
                place=in_spec(f"data.{key}"),
                hint=f"leave `{key}` out",
            )
    return data.model_copy(update={**known, "columns": _COLUMNS})

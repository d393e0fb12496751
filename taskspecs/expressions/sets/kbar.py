"""The shape of one bar: the first nine features of Microsoft qlib's Alpha158."""

from __future__ import annotations

from typing import Final

_KBAR: Final = {
    "KMID": "($close-$open)/$open",
    "KLEN": "($high-$low)/$open",
    "KMID2": "($close-$open)/($high-$low+1e-12)",
    "KUP": "($high-Greater($open, $close))/$open",
    "KUP2": "($high-Greater($open, $close))/($high-$low+1e-12)",
    "KLOW": "(Less($open, $close)-$low)/$open",
    "KLOW2": "(Less($open, $close)-$low)/($high-$low+1e-12)",
    "KSFT": "(2*$close-$high-$low)/$open",
    "KSFT2": "(2*$close-$high-$low)/($high-$low+1e-12)",
}


def expressions() -> dict[str, str]:
    """Write the set out: nine features of open, high, low and close."""
    return dict(_KBAR)

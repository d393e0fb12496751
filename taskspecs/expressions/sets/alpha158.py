"""Alpha158: 158 features of price and volume, as Microsoft qlib's `Alpha158DL` defines them.

It reads open, high, low, close, volume and vwap.
"""

from __future__ import annotations

from typing import Final

from taskspecs.expressions.sets import kbar

WINDOWS: Final = (5, 10, 20, 30, 60)

_UP, _DOWN = "Greater({x}-Ref({x}, 1), 0)", "Greater(Ref({x}, 1)-{x}, 0)"
_MOVED: Final = "(Sum(Abs({x}-Ref({x}, 1)), {{d}})+1e-12)"
_SHOCK: Final = "Abs($close/Ref($close, 1)-1)*$volume"


def _gains(field: str) -> tuple[str, str, str]:
    moved = _MOVED.format(x=field)
    up = f"Sum({_UP.format(x=field)}, {{d}})"
    down = f"Sum({_DOWN.format(x=field)}, {{d}})"
    return f"{up}/{moved}", f"{down}/{moved}", f"({up}-{down})/{moved}"


_SUMP, _SUMN, _SUMD = _gains("$close")
_VSUMP, _VSUMN, _VSUMD = _gains("$volume")

_ROLLING: Final = {
    "ROC": "Ref($close, {d})/$close",
    "MA": "Mean($close, {d})/$close",
    "STD": "Std($close, {d})/$close",
    "BETA": "Slope($close, {d})/$close",
    "RSQR": "Rsquare($close, {d})",
    "RESI": "Resi($close, {d})/$close",
    "MAX": "Max($high, {d})/$close",
    "MIN": "Min($low, {d})/$close",
    "QTLU": "Quantile($close, {d}, 0.8)/$close",
    "QTLD": "Quantile($close, {d}, 0.2)/$close",
    "RANK": "Rank($close, {d})",
    "RSV": "($close-Min($low, {d}))/(Max($high, {d})-Min($low, {d})+1e-12)",
    "IMAX": "IdxMax($high, {d})/{d}",
    "IMIN": "IdxMin($low, {d})/{d}",
    "IMXD": "(IdxMax($high, {d})-IdxMin($low, {d}))/{d}",
    "CORR": "Corr($close, Log($volume+1), {d})",
    "CORD": "Corr($close/Ref($close,1), Log($volume/Ref($volume, 1)+1), {d})",
    "CNTP": "Mean($close>Ref($close, 1), {d})",
    "CNTN": "Mean($close<Ref($close, 1), {d})",
    "CNTD": "Mean($close>Ref($close, 1), {d})-Mean($close<Ref($close, 1), {d})",
    "SUMP": _SUMP,
    "SUMN": _SUMN,
    "SUMD": _SUMD,
    "VMA": "Mean($volume, {d})/($volume+1e-12)",
    "VSTD": "Std($volume, {d})/($volume+1e-12)",
    "WVMA": f"Std({_SHOCK}, {{d}})/(Mean({_SHOCK}, {{d}})+1e-12)",
    "VSUMP": _VSUMP,
    "VSUMN": _VSUMN,
    "VSUMD": _VSUMD,
}


def expressions() -> dict[str, str]:
    """Write the set out, in qlib's order."""
    prices = {f"{p.upper()}0": f"${p}/$close" for p in ("open", "high", "low", "vwap")}
    rolling = {
        f"{name}{window}": template.format(d=window)
        for name, template in _ROLLING.items()
        for window in WINDOWS
    }
    return {**kbar.expressions(), **prices, **rolling}

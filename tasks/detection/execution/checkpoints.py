"""Checkpoints: how far a detector has come in a series, kept where only its maker is believed.

A checkpoint is data and runs no code (`tasks.detection.execution.state`); and it is used only with
a digest made by a key that is kept outside the workspace (RFC 2104, HMAC with SHA-256), for a wrong
state would be a wrong result. Whatever else is wrong with one costs time and nothing more: the
series is streamed from its beginning.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from tasks.detection.execution.state import freeze, thaw
from tasks.detection.series.series import field_values
from taskspecs.identity import canonical_json, digest

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from tasks.detection.guard import Guarded
    from tasks.detection.protocol import Alarm
    from taskspecs.detectors import DetectorSpec

FORMAT = b"qraft checkpoint 3"
"""The second edition's held pickles; those are not read."""


class CheckpointStore(Protocol):
    """Where checkpoints are kept; what is put replaces what was there, whole or not at all."""

    def get(self, name: str) -> bytes | None:
        """Return what was put under a name; None where nothing was."""

    def put(self, name: str, data: bytes) -> None:
        """Keep bytes under a name of letters and digits."""


@dataclass(slots=True)
class Streamed:
    """A detector, the bars of a series it has come past, and what it said on the way.

    Parameters
    ----------
    detector
        In the state after the last of these bars.
    scores
        Shape (bars,); NaN where there is none.
    alarms
        What it said so far, each with the row of its bar.
    """

    detector: Guarded
    scores: NDArray[np.float64]
    alarms: list[tuple[int, Alarm]]

    def freeze(self) -> bytes:
        """Return it as bytes."""
        return freeze((self.detector, self.scores, self.alarms))

    @classmethod
    def thaw(cls, payload: bytes) -> Streamed:
        """Return what was frozen; only for bytes that `Checkpoints.find` let pass."""
        return cls(*thaw(payload))


class Start(NamedTuple):
    """A checkpoint that was found: the bars it has seen, and what :meth:`Streamed.thaw` takes."""

    bars: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """The checkpoints of one study.

    A checkpoint is of use where all of this holds: its keyed digest is right; it was made under the
    name it is found by, by the same source and libraries, River's version among them; and the
    series begins with the very bars that it has seen, times and values, bit for bit.

    Parameters
    ----------
    shelf
        Where they are kept.
    key
        Secret; a checkpoint made with another is not opened.
    study
        Its name: studies do not take one another's.
    code
        By the name of a detector, the digest of all code that streams it.
    """

    shelf: CheckpointStore
    key: bytes
    study: str
    code: Mapping[str, str]

    def find(self, spec: DetectorSpec, symbol: str | None, series: pl.DataFrame) -> Start | None:
        """Return where a detector may go on from, if a usable checkpoint is there.

        Parameters
        ----------
        series
            `ts` and a column for each field, in the order of time.
        """
        name = self._name(spec, symbol)
        raw = self.shelf.get(name)
        opened = _open(raw, self.key) if raw is not None else None
        if opened is None:
            return None
        header, payload = opened
        bars = header["bars"]
        if (header["name"], header["made_by"]) != (name, self._maker(spec)) or bars > len(series):
            return None
        known = header["seen"] == digest_series(spec, series[:bars])
        return Start(bars, payload) if known else None

    def keep(
        self, spec: DetectorSpec, symbol: str | None, series: pl.DataFrame, payload: bytes
    ) -> None:
        """Keep what :meth:`Streamed.freeze` returned after the whole of a series."""
        name = self._name(spec, symbol)
        header = {
            "name": name,
            "made_by": self._maker(spec),
            "bars": len(series),
            "seen": digest_series(spec, series),
        }
        self.shelf.put(name, _seal(header, payload, self.key))

    def _name(self, spec: DetectorSpec, symbol: str | None) -> str:
        what = {"study": self.study, "symbol": symbol, "detector": spec.model_dump(mode="json")}
        return digest(what)

    def _maker(self, spec: DetectorSpec) -> dict[str, str]:
        from importlib import metadata

        return {
            "code": self.code[spec.detector],
            "river": metadata.version("river"),
            "python": platform.python_version(),
        }


def digest_series(spec: DetectorSpec, series: pl.DataFrame) -> str:
    """Return the sha256 of the times and the fields of a series, in hex.

    Parameters
    ----------
    spec
        Its fields are taken.
    series
        ``ts`` and the fields, in the order of time.

    Returns
    -------
    str
        64 hexadecimal digits.

    Notes
    -----
    Look-ahead: the whole series; a name, and no value.
    """
    seen = hashlib.sha256()
    for array in (series["ts"].to_physical().to_numpy(), field_values(spec.fields, series)):
        seen.update(np.ascontiguousarray(array).tobytes())
    return seen.hexdigest()


def _seal(header: dict[str, Any], payload: bytes, key: bytes) -> bytes:
    body = canonical_json(header).encode() + b"\n" + payload
    return b"\n".join((FORMAT, _tag(body, key), body))


def _open(raw: bytes, key: bytes) -> tuple[dict[str, Any], bytes] | None:
    """Return header and payload of a sealed checkpoint; None unless this key sealed these bytes."""
    form, _, rest = raw.partition(b"\n")
    tag, _, body = rest.partition(b"\n")
    if form != FORMAT or not hmac.compare_digest(tag, _tag(body, key)):
        return None
    header, _, payload = body.partition(b"\n")
    return json.loads(header), payload


def _tag(body: bytes, key: bytes) -> bytes:
    return hmac.new(key, FORMAT + b"\n" + body, hashlib.sha256).hexdigest().encode()

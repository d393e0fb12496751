"""JSON that others wrote: typed, bounded, and with numbers as they are written."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from tasks.streams.event import Malformed

Told = TypeVar("Told")


@cache
def reader(kind: type[Told]) -> msgspec.json.Decoder[Told]:
    """Return what reads JSON of a shape."""
    return msgspec.json.Decoder(kind)


def read(decoder: msgspec.json.Decoder[Told], body: bytes) -> Told:
    """Read JSON.

    Raises
    ------
    Malformed
        `json` if it is none, `shape` if it is of another shape, `deep` if it is nested without
        end, `encoding` if it is not UTF-8.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Malformed("shape", str(error)) from None
    except msgspec.DecodeError as error:
        reason = "encoding" if "UTF-8" in str(error) else "json"
        raise Malformed(reason, str(error)) from None
    except UnicodeDecodeError as error:
        raise Malformed("encoding", str(error)) from None
    except RecursionError:
        raise Malformed("deep", "nested deeper than can be read") from None


_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=str)


def read_any(body: bytes) -> Any:
    """Read JSON of any shape; numbers with a point or an exponent stay text, so none is rounded."""
    return read(_ANY, body)


def text_of(raw: msgspec.Raw) -> str:
    """Return a number or a text as it is written, without quotes."""
    written = bytes(raw)
    if written[:1] == b'"':
        written = written[1:-1]
    if len(written) > 100:
        raise Malformed("number", "a number of more than 100 letters")
    return written.decode("ascii", "replace")

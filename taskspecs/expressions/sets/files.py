"""Sets that are YAML files: a name and an expression in each entry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from configs.document import read_document
from configs.errors import BadInput
from taskspecs.expressions.checking import check

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
MAX_FEATURES: Final = 5_000


def load(path: Path, *, known_fields: Collection[str] | None = None) -> dict[str, str]:
    """Read a set from a YAML file.

    Parameters
    ----------
    path
        A mapping from a feature's name to its expression.
    known_fields
        Columns that expressions may read; None where they are not known yet.

    Returns
    -------
    dict
        Feature name to expression, in the file's order.

    Raises
    ------
    BadInput
        With file, line and key: no mapping, a name that cannot be a column's, an expression that is
        wrong or looks ahead.
    """
    document = read_document(path)
    if len(document.value) > MAX_FEATURES:
        raise BadInput(f"{path} has more than {MAX_FEATURES:,} features")
    features: dict[str, str] = {}
    for name, text in document.value.items():
        if not _NAME.fullmatch(name):
            raise BadInput(
                f"'{name}' cannot name a feature",
                place=document.place((name,), of_key=True),
                hint="a name is a letter, then letters, digits and underscores, 64 at most",
            )
        if not isinstance(text, str):
            raise BadInput(
                f"an expression is text, not {text!r}",
                place=document.place((name,)),
                hint="as ma20: Mean($close, 20) / $close",
            )
        try:
            check(text, known_fields=known_fields, allow_lookahead=False)
        except BadInput as error:
            raise error.at(document.place((name,))) from error
        features[name] = text
    return features

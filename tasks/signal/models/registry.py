"""Which model a spec asks for; a new one is a section in `taskspecs.models`, a file, a row here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from taskspecs.models import LightGbmSpec, LinearSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tasks.signal.models.protocol import Model
    from taskspecs.models import ModelSpec


def _lightgbm(spec: ModelSpec, threads: int) -> Model:
    from tasks.signal.models.boosting import Boosting

    return Boosting(spec, threads)  # type: ignore[arg-type]


def _linear(spec: ModelSpec, _threads: int) -> Model:
    from tasks.signal.models.linear import Linear

    return Linear(spec)  # type: ignore[arg-type]


MODELS: Mapping[type, Callable[[ModelSpec, int], Model]] = {
    LightGbmSpec: _lightgbm,
    LinearSpec: _linear,
}
"""From a spec's class to its model."""


def make_model(spec: ModelSpec, threads: int) -> Model:
    """Make the model that a spec asks for, ready to learn.

    Parameters
    ----------
    threads
        Cores it may use; the result does not depend on it.
    """
    return MODELS[type(spec)](spec, threads)

"""Which model a spec asks for; a new one is a section in `taskspecs.models`, a file, a row here."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tasks.signal.models.protocol import Model
    from taskspecs.models import ModelSpec

MODELS: Mapping[str, tuple[str, str]] = {
    "lightgbm": ("boosting", "Boosting"),
    "linear": ("linear", "Linear"),
}
"""From a spec's kind to its model's module, which is imported when one is made, and class."""


def make_model(spec: ModelSpec, threads: int) -> Model:
    """Make the model that a spec asks for, ready to learn.

    Parameters
    ----------
    threads
        Cores it may use; the result does not depend on it.
    """
    module, name = MODELS[spec.kind]
    model: Model = getattr(import_module(f"tasks.signal.models.{module}"), name)(spec, threads)
    return model

"""The figures of several runs side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


class Compared(NamedTuple):
    """One run: its label, its id, its study, its metrics and its equity."""

    label: str
    run_id: str
    study: str
    metrics: pl.DataFrame
    equity: pl.DataFrame


def labels(runs: Sequence[tuple[str, str]]) -> list[str]:
    """Name runs, given as study and id, by their study where that tells them apart.

    Examples
    --------
    >>> labels([("a", "1111222233"), ("b", "2"), ("a", "3333444455")])
    ['a 111122', 'b', 'a 333344']
    """
    studies = [study for study, _ in runs]
    return [study if studies.count(study) == 1 else f"{study} {run[:6]}" for study, run in runs]


def compare_figures(runs: Sequence[Compared], names: Sequence[str] | None) -> list[dict[str, Any]]:
    """Return a row for each figure: ``name``, ``unit``, and a value for each run, by its label.

    Parameters
    ----------
    names
        Figures to show, in this order; None for all, in the order of the first run.
    """
    known = [{row["name"]: row for row in run.metrics.iter_rows(named=True)} for run in runs]
    every = list(dict.fromkeys(name for figures in known for name in figures))
    return [
        {
            "name": name,
            "unit": next(figures[name]["unit"] for figures in known if name in figures),
            **{
                run.label: figures[name]["value"] if name in figures else None
                for run, figures in zip(runs, known, strict=True)
            },
        }
        for name in (every if names is None else names)
        if name in every
    ]

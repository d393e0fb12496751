"""The study, whole and pure: from bars to what trading them would have brought.

    bars -> features -> scores -> patterns -> positions -> result

Frames come in and frames go out; no store is known here, and no order of tasks. The stages of a
run call the same steps one by one and keep what each gives; a sweep, a look past the seal and a
signal of now call them here, in memory.

In a notebook, with bars that :func:`tasks.ingest.read` gave::

    result = run_study(bars, spec)
    result.signal.ic, result.alarms, result.backtest.metrics
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.aggregation.featured import Featured, featurise
from tasks.backtest.traded import trade
from tasks.detection.execution.observed import alarms_of
from tasks.resampling import study_bars
from tasks.signal.chain import Signalled, signal_of

if TYPE_CHECKING:
    import polars as pl

    from tasks.backtest.result import BacktestResult
    from tasks.backtest.simulation import Engine
    from taskspecs.schema import TaskSpec

__all__ = [
    "Decided", "StudyResult", "alarms_of", "decide", "featurise", "run_study", "signal_of",
    "study_bars", "trade",
]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What a study decides by, before anything is traded.

    Attributes
    ----------
    signal
        Scores, and how well they foretell.
    alarms
        What the study's detectors said; none where it was not asked for.
    """

    signal: Signalled
    alarms: pl.DataFrame | None


@dataclass(frozen=True, slots=True, eq=False)
class StudyResult:
    """What a study gives, step by step.

    Attributes
    ----------
    bars
        Those that it works on: of its source, or coarser ones made of them.
    featured
        Its features, and the series of the whole market.
    signal
        Its scores, and how well they foretell.
    alarms
        What its detectors said; none where it has none.
    backtest
        Equity, positions, trades, metrics and years.
    """

    bars: pl.DataFrame
    featured: Featured
    signal: Signalled
    alarms: pl.DataFrame | None
    backtest: BacktestResult


def decide(
    bars: pl.DataFrame, spec: TaskSpec, *, acting: bool, cores: int | None = None
) -> Decided:
    """Compute what comes before a backtest, and keep no more of it than a backtest takes.

    Parameters
    ----------
    bars
        Those that the study works on; see :func:`tasks.resampling.study_bars`.
    spec
        The study.
    acting
        Whether alarms act on the backtest, so that they must be found.
    cores
        For a model, and for detectors; default all. The result does not depend on it.

    Notes
    -----
    Look-ahead: a row at `t` depends on rows known at `t`; the information coefficient judges.
    """
    featured = featurise(bars, spec)
    signal = signal_of(featured.decided, bars, spec, threads=cores)
    if not acting:
        return Decided(signal, None)
    alarms = alarms_of(bars, featured.features, featured.market, spec, jobs=cores)
    return Decided(signal, alarms)


def run_study(source: pl.DataFrame, spec: TaskSpec, *, engine: Engine = "fast") -> StudyResult:
    """Compute a study from a source's bars.

    Parameters
    ----------
    source
        ``symbol, ts (Datetime us UTC, end of bar), open, high, low, close, volume, factor,
        known_at``; prices adjusted, as :func:`tasks.ingest.read` gives them.
    spec
        The study.
    engine
        ``fast``, or ``qlib``, the judge of runs.

    Raises
    ------
    BadInput
        What cannot be computed or traded.

    Notes
    -----
    Look-ahead: a row at `t` depends on rows known at `t`; metrics look at the whole period.
    """
    bars = study_bars(source, spec)
    featured = featurise(bars, spec)
    signal = signal_of(featured.decided, bars, spec)
    watches = bool(spec.detection)
    alarms = alarms_of(bars, featured.features, featured.market, spec) if watches else None
    acting = alarms if spec.backtest.reactions else None
    backtest = trade(bars, signal, spec, alarms=acting, engine=engine)
    return StudyResult(bars, featured, signal, alarms, backtest)

"""What a model cannot be asked for; said before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, in_spec
from tasks.signal.walk_forward import bars_before_first_test

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from taskspecs.models import WalkForwardSpec
    from taskspecs.schema import SignalSpec

_WINDOWS = in_spec("signal.model.windows")


def refuse_windows(
    spec: SignalSpec, times: pl.Series, *, zone: str, until: date | None = None
) -> None:
    """Refuse windows that leave nothing to predict.

    Parameters
    ----------
    spec
        The signal; one without a model is never refused.
    times
        The times of all bars, in any order, with repeats.
    zone
        IANA name of the zone in which days are counted.
    until
        The last day on which predictions are of use; default any.

    Raises
    ------
    BadInput
        Windows longer than the data, or none before `until`.

    Notes
    -----
    Look-ahead: all times: whether a study can be run, and no value.

    Examples
    --------
    >>> import polars as pl
    >>> from datetime import UTC, datetime
    >>> from taskspecs.models import LinearSpec
    >>> from taskspecs.schema import SignalSpec
    >>> first, last = datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 4, 9, tzinfo=UTC)
    >>> days = pl.datetime_range(first, last, "1d", eager=True)
    >>> refuse_windows(SignalSpec(model=LinearSpec(kind="linear")), days, zone="UTC")
    Traceback (most recent call last):
    ...
    configs.errors.BadInput: TaskSpec, key signal.model.windows: the model's windows need 759 bars \
to predict the first one (756 to train, 2 purged), but the data has 100
    lower train_bars to 97 or less, or take more bars
    """
    if spec.model is None:
        return
    from tasks.signal.modelled import label_horizon

    windows, horizon = spec.model.windows, label_horizon(spec.label)
    calendar = times.unique().sort()
    before = bars_before_first_test(windows, horizon)
    if len(calendar) <= before:
        raise BadInput(
            f"the model's windows need {before + 1:,} bars to predict the first one"
            f" ({_parts(windows, horizon)}), but the data has {len(calendar):,}",
            place=_WINDOWS,
            hint=_shorter(windows, before + 1 - len(calendar)),
        )
    first: date = calendar[before : before + 1].dt.convert_time_zone(zone).dt.date()[0]
    if until is not None and first > until:
        raise BadInput(
            f"the model's first prediction is of {first}, after the last day of the backtest,"
            f" {until}",
            place=_WINDOWS,
            hint="shorten the windows, begin the data earlier, or let backtest.end be later",
        )


def _parts(windows: WalkForwardSpec, horizon: int) -> str:
    purges = horizon * (2 if windows.valid_bars else 1)
    parts = {
        "to train": windows.train_bars,
        "to validate": windows.valid_bars,
        "purged": purges,
        "embargoed": windows.embargo_bars,
    }
    return ", ".join(f"{bars:,} {what}" for what, bars in parts.items() if bars)


def _shorter(windows: WalkForwardSpec, too_many: int) -> str:
    if windows.train_bars > too_many:
        return f"lower train_bars to {windows.train_bars - too_many:,} or less, or take more bars"
    return "lower train_bars and valid_bars, or take more bars"

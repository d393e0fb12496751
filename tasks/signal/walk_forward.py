"""Windows of a walk-forward: what each model learns from, is stopped by, and predicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from taskspecs.models import WalkForwardSpec


@dataclass(frozen=True, slots=True)
class Fold:
    """One model's windows, as numbers of bars in the calendar of all symbols.

    Attributes
    ----------
    number
        From 0, in the order of time.
    train, valid, test
        ``valid`` is empty for a model without one.
    """

    number: int
    train: range
    valid: range
    test: range


def bars_before_first_test(windows: WalkForwardSpec, horizon_bars: int) -> int:
    """Count the bars without a prediction.

    Parameters
    ----------
    windows
        What is asked for.
    horizon_bars
        How far the label looks ahead; so long is each purge.

    Examples
    --------
    >>> from taskspecs.models import WalkForwardSpec
    >>> bars_before_first_test(WalkForwardSpec(train_bars=100, valid_bars=20, embargo_bars=3), 2)
    127
    """
    gap = horizon_bars + windows.embargo_bars
    validation = horizon_bars + windows.valid_bars if windows.valid_bars else 0
    return windows.train_bars + validation + gap


def walk_forward(bars: int, windows: WalkForwardSpec, horizon_bars: int) -> Iterator[Fold]:
    """Lay out all folds, the first as early as the windows allow.

    Parameters
    ----------
    bars
        How many bars there are; the last test may be shorter for it, and nothing else depends on
        it.
    windows
        What is asked for.
    horizon_bars
        How far the label looks ahead: so many bars are purged before a window that follows.

    Yields
    ------
    Fold
        None where the bars are too few.

    Notes
    -----
    Look-ahead: none. A label of the training window ends before the validation window begins, and
    a label of either before the test window begins.

    References
    ----------
    Lopez de Prado (2018), "Advances in Financial Machine Learning", chapter 7: purging and
    embargo.

    Examples
    --------
    >>> from taskspecs.models import WalkForwardSpec
    >>> windows = WalkForwardSpec(train_bars=6, valid_bars=2, test_bars=3)
    >>> for fold in walk_forward(17, windows, 1):
    ...     print(fold.train, fold.valid, fold.test)
    range(0, 6) range(7, 9) range(10, 13)
    range(3, 9) range(10, 12) range(13, 16)
    range(6, 12) range(13, 15) range(16, 17)
    """
    first = bars_before_first_test(windows, horizon_bars)
    gap = horizon_bars + windows.embargo_bars
    for number, start in enumerate(range(first, bars, windows.step)):
        valid = range(start - gap - windows.valid_bars, start - gap)
        stop = valid.start - horizon_bars if windows.valid_bars else valid.start
        begin = 0 if windows.expanding else stop - windows.train_bars
        yield Fold(
            number, range(begin, stop), valid, range(start, min(start + windows.test_bars, bars))
        )

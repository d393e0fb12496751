"""What a TaskSpec may say of a model: one section for each kind, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from configs.section import Section

Bars = Annotated[int, Field(ge=1, le=10_000_000)]


class WalkForwardSpec(Section):
    """Windows of a walk-forward, in bars; each model predicts only bars that follow all it saw.

    In the order of time: `train_bars`, a purge, `valid_bars`, a purge and `embargo_bars`,
    `test_bars`. A purge is as long as the label looks ahead, so that no label of one window reaches
    into the next (Lopez de Prado, 2018, "Advances in Financial Machine Learning", chapter 7).
    """

    train_bars: Bars = 756
    """Bars to learn from; three years of days."""
    valid_bars: Annotated[int, Field(ge=0, le=10_000_000)] = 126
    """Bars that decide when to stop learning; 0 for models that need none."""
    test_bars: Bars = 126
    """Bars that are predicted before the model is fitted anew."""
    step_bars: Bars | None = None
    """Bars from one fit to the next; default `test_bars`, and at most that: where tests overlap,
    the newest model predicts."""
    expanding: bool = False
    """Learn from all bars since the first, not only the last `train_bars`."""
    embargo_bars: Annotated[int, Field(ge=0, le=100_000)] = 0
    """Further bars left out before each test, against what lingers longer than a label."""

    @model_validator(mode="after")
    def _seamless(self) -> Self:
        if self.step > self.test_bars:
            raise ValueError(
                f"step_bars {self.step} must not be above test_bars {self.test_bars}: the bars in"
                " between would have no prediction"
            )
        return self

    @property
    def step(self) -> int:
        """Bars from one fit to the next."""
        return self.step_bars or self.test_bars


class UnvalidatedWalkForwardSpec(WalkForwardSpec):
    """The same for models that decide nothing by a validation window."""

    valid_bars: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """Bars left out between training and test, as another model's validation window."""


class Model(Section):
    """What all models have in common; they learn from all features of the study."""

    windows: WalkForwardSpec = WalkForwardSpec()
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    """Whatever is drawn at random is drawn from this seed."""


class LightGbmSpec(Model):
    """Gradient-boosted trees (Ke et al., 2017); the defaults are those of qlib's benchmark of
    LightGBM on Alpha158.
    """

    kind: Literal["lightgbm"]
    label_norm: Literal["zscore", "rank", "none"] = "zscore"
    """How labels are made comparable across symbols at one time: `zscore` as qlib's CSZScoreNorm,
    `rank` as its CSRankNorm."""
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.2
    """How much of each tree is added."""
    num_leaves: Annotated[int, Field(ge=2, le=131_072)] = 210
    """Most leaves of a tree."""
    max_depth: Annotated[int, Field(ge=-1, le=64)] = 8
    """Most splits from a tree's root to a leaf; -1 for any."""
    min_child_samples: Annotated[int, Field(ge=1, le=1_000_000)] = 20
    """Fewest rows in a leaf."""
    colsample_bytree: Annotated[float, Field(gt=0, le=1)] = 0.8879
    """Share of the features that a tree may use."""
    subsample: Annotated[float, Field(gt=0, le=1)] = 0.8789
    """Share of the rows that a tree learns from; without effect while `subsample_freq` is 0, as in
    qlib's benchmark."""
    subsample_freq: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Trees after which rows are drawn anew; 0: all rows, always."""
    lambda_l1: Annotated[float, Field(ge=0)] = 205.6999
    """Penalty on the size of leaves' values; it works against the number of rows, so lower it for
    few symbols."""
    lambda_l2: Annotated[float, Field(ge=0)] = 580.9768
    """Penalty on the square of leaves' values."""
    num_boost_round: Annotated[int, Field(ge=1, le=100_000)] = 1_000
    """Most trees."""
    early_stopping_rounds: Annotated[int, Field(ge=1, le=100_000)] | None = 50
    """Stop after so many trees that did not improve the validation window; null: never."""

    @model_validator(mode="after")
    def _can_stop(self) -> Self:
        if self.early_stopping_rounds is not None and self.windows.valid_bars == 0:
            raise ValueError("early_stopping_rounds needs windows.valid_bars above 0")
        return self


class LinearSpec(Model):
    """Least squares, the baseline; features are made robustly comparable over the training window
    and held within 3 (qlib's RobustZScoreNorm), missing ones are 0 (Fillna).
    """

    kind: Literal["linear"]
    label_norm: Literal["zscore", "rank", "none"] = "rank"
    """As for `lightgbm`; qlib's linear benchmark learns ranks."""
    windows: UnvalidatedWalkForwardSpec = UnvalidatedWalkForwardSpec()
    alpha: Annotated[float, Field(ge=0)] = 0.0
    """Penalty on the square of coefficients: 0 is ordinary least squares, above it is ridge
    regression."""


ModelSpec = Annotated[LightGbmSpec | LinearSpec, Field(discriminator="kind")]

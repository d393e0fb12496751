# %% [markdown]
# # Features in a notebook
#
# Each stage is a pure function from frames to frames beside a thin task, and needs no workspace.
# This page is `docs/notebooks/features.py`, in percent format: editors run it cell by cell, and
# the tests run it whole. `bars.csv` is the file of the [tutorial](../tutorial/1-bars.md).
#
# ## Bars

# %%
from pathlib import Path

from tasks.ingest import inspect
from taskspecs.schema import BacktestSpec, DataSpec

ingested = inspect(Path("bars.csv"), DataSpec(source="file", path="bars.csv"))
bars = ingested.bars  # symbol, ts (UTC, end of bar), open, high, low, close, volume, ...
print(bars.select("symbol", "ts", "close", "volume").tail(3))

# %% [markdown]
# What was wrong with the file, and what was done about it:

# %%
print(ingested.health.filter(ingested.health["count"] > 0).select("rule", "action", "count"))

# %% [markdown]
# ## Features
#
# A name and an expression each, in [qlib's language](../reference/operators.md). A value at a
# time rests on rows that were known by then, and on no later one.

# %%
from tasks.features import evaluate

features = evaluate(
    bars,
    {
        "momentum": "$close / Ref($close, 120) - 1",
        "volatility": "Std($close / Ref($close, 1) - 1, 20)",
    },
)
print(features.drop_nulls().tail(3))

# %% [markdown]
# ## A signal, and what it is worth
#
# The label looks ahead, and only the label does: it is what the score is held against. The
# information coefficient is the correlation of both across symbols, time by time.

# %%
from tasks.signal import information_coefficient, label, score

scores = score(features, "$momentum").drop_nulls()
labels = label(bars, "Ref($close, -2) / Ref($close, -1) - 1")
ic = information_coefficient(scores, labels)
print(ic.select("ic", "rank_ic").mean())

# %% [markdown]
# ## A backtest
#
# By qlib, after costs, with orders at the next bar. Nothing here is on a ledger: what you try in
# a notebook is a trial that nobody counts, so run what you mean as a study.

# %%
from tasks.backtest import run_backtest

result = run_backtest(
    bars, scores, BacktestSpec(topk=2, n_drop=1), frequency="day", zone="UTC", ic=ic
)
print(result.metrics.select("name", "value", "unit").head(6))

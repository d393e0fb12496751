# %% [markdown]
# # Detection in a notebook
#
# A detector reads one series bar by bar and says when something changed. Whether that is worth
# saying is a second question, which `qraft run` asks for you.

# %%
from pathlib import Path

from tasks.ingest import inspect
from taskspecs.schema import DataSpec

bars = inspect(Path("bars.csv"), DataSpec(source="file", path="bars.csv")).bars

# %% [markdown]
# ## What is watched
#
# The sizes of each share's daily moves: their drift is a change of volatility.

# %%
from tasks.detection import detect, watched
from tasks.features import evaluate
from taskspecs.detectors import Adwin

moves = [Adwin(detector="adwin", watch="Abs($close / Ref($close, 1) - 1)")]
series = evaluate(bars, watched(moves)["symbol"])
print(series.drop_nulls().tail(3))

# %% [markdown]
# ## Its alarms

# %%
found = detect(series, market=series.select("ts").unique(), detectors=moves)
print(found.patterns.select("ts", "symbol", "type", "confidence").sort("ts").head(5))

# %% [markdown]
# ## Are they patterns?
#
# A detector that speaks on prices in which nothing changes would speak as well here. Put the
# moves of each share in a random order, so that there is nothing to find, and count again:

# %%
import polars as pl

columns = [name for name in series.columns if name not in {"symbol", "ts"}]
shuffled = series.with_columns(pl.col(columns).shuffle(seed=1).over("symbol"))
by_chance = detect(shuffled, market=shuffled.select("ts").unique(), detectors=moves)
print(f"{found.patterns.height} alarms; {by_chance.patterns.height} where order means nothing")

# %% [markdown]
# A shuffle is too kind: it takes away the clusters of volatility that prices have by themselves,
# and with them most false alarms. `qraft run` makes its null data in blocks that keep them,
# plants changes to see what would be found, and keeps alarms as patterns at a stated share of
# false ones (`discovery`). Settings and sources of all detectors are in [their
# reference](../reference/detectors.md).

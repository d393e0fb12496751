# %% [markdown]
# # Reading a run
#
# What `qraft run` leaves is files with a manifest: lists of names, sizes, digests and inputs.
# Read them from the lake, and every figure of a report is a row away.

# %%
from configs.settings import load_settings
from configs.workspace import open_workspace
from storage.open import open_lake, open_ledger
from tasks.runs.results import pick, results_of

workspace = open_workspace(".")  # the folder in which you called qraft
settings = load_settings(workspace)
lake, ledger = open_lake(settings, workspace), open_ledger(settings, workspace)
run = results_of(lake, ledger, pick(ledger, "us_momentum"))  # a name, an id's beginning, or `last`
print(run.study, sorted(run.datasets))

# %% [markdown]
# ## A stage's files

# %%
backtest = lake.manifest(run.datasets["backtest"])
for file in backtest.files:
    name = file.path.rpartition("-")[2]
    print(f"{name:18} {file.rows or 0:>7,} rows  sha256 {file.sha256[:12]}")

# %%
equity = lake.frame(backtest, "equity.parquet")
print(equity.select("ts", "account", "net_return", "drawdown").tail(3))

# %% [markdown]
# ## From a figure back to its rows
#
# The worst fall of the report, and the bar at which it was reached:

# %%
metrics = lake.frame(backtest, "metrics.parquet")
print(metrics.filter(metrics["name"] == "max_drawdown").select("value", "note").row(0))
print(equity.sort("drawdown").select("ts", "drawdown").row(0))

# %% [markdown]
# ## Alarms that were withheld

# %%
detection = lake.manifest(run.datasets["detection"])
withheld = lake.frame(detection, "withheld.parquet")
print(withheld.group_by("detector").len().sort("detector"))

# %% [markdown]
# ## How many trials have seen these data
#
# A figure is worth what is left of it after all that was tried.

# %%
print(len(ledger.entries("trial")), "trials on the ledger")

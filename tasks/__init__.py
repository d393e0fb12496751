"""What a run does: ingest, features, aggregation, signal, detection, backtest, report."""

from configs.children import protect_children

# Luigi reads its settings when it is imported, and every import of it comes by this package;
# the processes that joblib and multiprocessing start are given this environment.
protect_children()

"""What a run does: ingest, features, aggregation, signal, detection, backtest, report."""

"""What a run does: ingest, features, aggregation, signal, detection, backtest, report."""

import os
from pathlib import Path

import configs

# Luigi reads its settings when it is imported, and every import of it comes by this package.
os.environ.setdefault("LUIGI_CONFIG_PATH", str(Path(configs.__file__).with_name("luigi.cfg")))

"""Where things live: lake, warehouse, ledger, telemetry."""

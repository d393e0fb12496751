"""The DAG of a run, as tables: what its stages leave behind."""

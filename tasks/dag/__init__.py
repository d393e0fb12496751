"""The DAG: stages and their keys, what each reads and leaves, and the Luigi side of a run."""

"""Parts of a long-running command: each is kept running, and its state can be seen."""

"""Events that make studies run, and what runs tell in their turn."""

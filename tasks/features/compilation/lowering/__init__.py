"""From the tree of an expression to steps: one rule for each operator."""

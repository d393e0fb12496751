"""The card of a strategy's evidence: one page for the person who decides. Pure."""

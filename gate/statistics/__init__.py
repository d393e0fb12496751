"""Statistics of many trials: what a Sharpe ratio is worth that was chosen among others. Pure."""

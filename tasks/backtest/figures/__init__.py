"""Figures of a backtest, group by group; each says the convention it follows."""

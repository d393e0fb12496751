"""What a backtest cannot be asked for, and results that are none."""

"""Programs run over bars: batches of symbols, chunks that fit a cache, newest rows alone."""

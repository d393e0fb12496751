"""The leak check: whether a computation uses what was not known yet."""

"""Following: after each run of a strategy at paper or live, look at it, stop it, or publish."""

"""Where settings say that something is sent, and whether a person agreed to it."""

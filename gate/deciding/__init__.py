"""The deciding part: only a person's command reaches it."""

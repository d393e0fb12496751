"""The HTTP face: what the service answers, as JSON, as it happens, and for a browser to show."""

"""Paper: signals published as they come, an account that follows them, and how far it diverges."""

"""Pages over what is in a workspace."""

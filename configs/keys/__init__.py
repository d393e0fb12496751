"""Keys: of people, of the workspace, of this installation, and the files that hold them."""

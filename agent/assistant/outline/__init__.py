"""A person's first TaskSpec, outlined from what their bars are; each choice with its reason."""

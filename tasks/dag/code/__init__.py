"""Code: the modules that a stage, or the road to a signal, can reach, and the digest of them."""

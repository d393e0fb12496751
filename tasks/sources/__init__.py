"""Where bars come from beside files: histories of live sources, and libraries that bring them."""

"""Luigi's scheduler and its pages, for a workspace of one's own."""

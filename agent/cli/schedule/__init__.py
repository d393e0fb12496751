"""Commands about studies that rerun by the clock."""

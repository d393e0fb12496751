"""Research without supervision: hypothesis, variant, trial, lesson, the next; in a budget."""

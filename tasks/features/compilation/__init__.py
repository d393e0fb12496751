"""From expressions to a program: steps, equal ones once, fused, in stages."""

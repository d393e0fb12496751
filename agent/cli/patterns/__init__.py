"""Commands about patterns, and what people think of them."""

"""The assistant: from a sentence to a TaskSpec."""

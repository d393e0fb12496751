"""The verdict: estimates with their errors, and what they allow one to say."""

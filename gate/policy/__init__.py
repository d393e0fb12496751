"""The policy: what each step asks for, where it is written, and which one is in force."""

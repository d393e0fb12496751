"""A scripted exchange on loopback: it says what it is told to say, and fails as it is told to."""

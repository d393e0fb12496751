"""Where the bytes of a source are, and how they are landed as received."""

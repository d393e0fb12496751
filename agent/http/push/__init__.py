"""What is pushed as it happens: channels, each with cursors from which one goes on."""

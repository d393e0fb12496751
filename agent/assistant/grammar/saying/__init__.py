"""What a prompt says of each part of a study."""

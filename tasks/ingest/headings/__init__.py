"""What a file's headings and its name say."""

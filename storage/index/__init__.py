"""The index: passages of text that can be found again by their words, and by their meaning."""

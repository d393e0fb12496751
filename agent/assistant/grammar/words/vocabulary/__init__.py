"""The words that the grammar knows, by language and subject."""

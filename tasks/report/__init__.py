"""The report: one HTML file that shows what was found and where each of its numbers came from."""

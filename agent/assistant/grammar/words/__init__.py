"""From characters to quantities, dates and periods: what words mean."""

"""Recording: a source's connector, journal and document, and what else goes into the journal."""

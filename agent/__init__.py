"""Who asks and who explains: planning, explanation, and the command line."""

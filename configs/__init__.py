"""ApprovalContext floor: settings, errors and what a person edits."""

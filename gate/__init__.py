"""What may go further: stages, policy, evidence, approvals."""

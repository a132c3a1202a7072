"""What one goes through: the inbox and its views, triage, the docket of the committee."""

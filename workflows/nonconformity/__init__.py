"""A nonconformity, from the finding in triage to its close-out."""

"""Commands as forms: made from their schemas, typed, kept as drafts, and sent."""

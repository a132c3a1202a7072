"""Subscriptions: events of the record sent to others, signed, in order for each case, at least once."""

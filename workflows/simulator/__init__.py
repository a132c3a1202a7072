"""A life under a policy on virtual time: the same deciders as everywhere, and a calendar of all that would happen."""

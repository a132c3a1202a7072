"""The demonstration: one real document, one case closed by six people, one decided by the committee, and every claim checked."""

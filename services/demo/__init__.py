"""The demonstration: a document, a case closed by six people, one decided by the committee, every claim checked."""

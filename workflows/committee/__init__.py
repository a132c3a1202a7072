"""A certification committee's review of a nonconformity, from its call to its decision."""

"""What `make mutants` does: `changes` of one thing at a time, `running` the tests on each, `tables` for the rows."""

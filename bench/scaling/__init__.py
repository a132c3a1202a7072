"""What grows with the number of open cases, and what does not (`make scale`); docs/scale.md reads its figures."""

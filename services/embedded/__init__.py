"""The servers that `closeout up` brings along, under one data folder: PostgreSQL, Temporal, and one that takes mail."""

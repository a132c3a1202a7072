"""The servers that `closeout up` brings along: PostgreSQL and Temporal, as real binaries under one data folder."""

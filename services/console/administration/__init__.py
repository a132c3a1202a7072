"""Integrations and administration at the console: what the API's routes do, for people, by the same functions."""

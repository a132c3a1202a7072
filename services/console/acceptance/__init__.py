"""Accepting the plans or the evidence of several minors at once."""

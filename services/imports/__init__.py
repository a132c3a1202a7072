"""Imports: documents taken at once, read and recorded in the background, batch by batch."""

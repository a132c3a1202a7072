"""Audits and certificates: their lists, their pages, and how one begins."""

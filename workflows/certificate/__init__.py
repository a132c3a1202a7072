"""Certificates: applied for, granted, suspended, reduced, withdrawn, expired, transferred in."""

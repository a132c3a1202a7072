"""What lists and look-ups read: pages of JSON that Postgres builds, of what the caller may see."""

"""An audit of a client's management system, from its planning to the team's recommendation."""

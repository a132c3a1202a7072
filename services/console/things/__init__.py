"""What a page tells of a thing: how it got there, what waits on whom, and what stands beside it."""

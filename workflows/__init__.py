"""What moves, and by which rules: deciders without I/O, and the one workflow shell that gives them life."""

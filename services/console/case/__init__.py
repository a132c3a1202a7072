"""One case: its page, the desk where a round of it is reviewed, and the commands that act on it."""

"""`closeout doctor`: asks a deployment part by part whether it can do its work, and says what to mend."""

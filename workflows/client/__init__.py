"""The registry of a certification body's clients."""

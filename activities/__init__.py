"""What touches the world: the ledger, the engine, messages."""

"""Files of evidence: streamed into an object store, written once, and never served as what could run."""

"""What runs: the API, the console, the worker, the embedded stack, intake of findings, the command line."""

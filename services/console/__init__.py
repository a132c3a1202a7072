"""The console: pages over the API's own functions, rendered here, whole without a script."""

"""The HTTP API (CONTRACT, HTTP): one module a noun."""

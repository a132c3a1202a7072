"""The embedded issuer: OpenID Connect with sample people who have no passwords, for trying an installation out."""

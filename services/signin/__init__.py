"""Sign-in at the console: any OpenID Connect issuer, code and PKCE, and a session that the server keeps."""

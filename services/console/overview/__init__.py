"""The overview: how the cases of a certification body, or of one client, stand together, in pictures and tables."""

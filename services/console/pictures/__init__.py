"""Pictures of a case, and what changed between two texts: drawn here as SVG, each with its words."""

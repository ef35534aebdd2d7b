"""The Paintbox host: it knows no feature, every feature is an extension."""

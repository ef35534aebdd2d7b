"""The command line: parsing it, and one module per command."""

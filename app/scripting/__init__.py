"""Scripts as jobs: cells drawn one after another, what was drawn remembered on disk, sheets made of it."""

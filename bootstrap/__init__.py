"""Gets a bare machine to the point where Paintbox runs, with the standard library alone."""

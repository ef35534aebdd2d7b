"""Model files whose every weight follows a formula, so that they are the same on every machine and need not be carried."""

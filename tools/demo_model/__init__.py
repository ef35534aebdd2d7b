"""Trains, exports and judges the demo checkpoint."""

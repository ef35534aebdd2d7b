"""Frozen data that travels between the stages and the processes."""

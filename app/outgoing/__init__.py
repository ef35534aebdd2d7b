"""Requests to servers that users name: the one door to the network for the host and its extensions."""

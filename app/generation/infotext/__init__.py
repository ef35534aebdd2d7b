"""Infotext: the generation parameters as text, in the form that A1111 writes."""

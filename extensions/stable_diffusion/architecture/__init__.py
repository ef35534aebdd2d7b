"""Configurations of a checkpoint's parts, derived from the shapes of their tensors."""

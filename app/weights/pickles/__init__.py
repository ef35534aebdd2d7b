"""Pickled model files (.ckpt, .pt, .pth, .bin) read as data: nothing of a file is ever imported or called. Standard library only."""

"""How much of one pickled file is read before it is refused: real files stay far below, and no file can exhaust the machine."""

from __future__ import annotations

MAX_PICKLE_BYTES = 64 << 20
"""The program inside a file; that of a checkpoint with its optimizer has a few megabytes."""
MAX_INSTRUCTIONS = 3_000_000
MAX_MEMORY_BYTES = 96 << 20
"""An estimate of what the objects take that a pickle makes."""
MAX_DEPTH = 100
MAX_SECONDS = 20.0
MAX_INTEGER_BYTES = 1024
MAX_VALUES = 1_000_000
"""Values of the tree, each counted as often as it is reached."""
MAX_KEY_LENGTH = 1000
MAX_NAMES_LENGTH = 32 << 20
"""Letters of all dotted names together."""
MAX_AXES = 32
MAX_SIZE = 1 << 48
"""Length of an axis, number of elements, offsets."""
MAX_RECORDS = 200_000
"""Records of a zip file."""
MAX_DIRECTORY_BYTES = 32 << 20
"""Directory of a zip file."""
SHARING, SHARING_BYTES = 16, 64 << 20
"""Tensors may share their bytes: together they may take so many times the file's size, and so much beside."""
DEFLATION, DEFLATION_BYTES = 20, 256 << 20
"""Compressed storages may take so many times the file's size when they are unpacked, and so much beside."""

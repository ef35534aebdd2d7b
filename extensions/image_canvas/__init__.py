"""A field for a picture on which masks and colours are painted: other extensions draw it with ``extensions.image_canvas.api``."""

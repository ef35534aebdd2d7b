"""What the bootstrap tells the person in front of the terminal, and the error that ends it."""

import sys

LINE_WIDTH = 78


class BootstrapError(Exception):
    """The installation cannot go on; ``remedy`` is the one thing to do about it."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


def say(text: str) -> None:
    """Write one line that stays."""
    clear_passing()
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_passing(text: str) -> None:
    """Write a line that the next one replaces; nothing where the output is no terminal."""
    if sys.stdout.isatty():
        sys.stdout.write("\r" + text[:LINE_WIDTH].ljust(LINE_WIDTH))
        sys.stdout.flush()


def clear_passing() -> None:
    """Remove what say_passing left on the line."""
    if sys.stdout.isatty():
        sys.stdout.write("\r" + " " * LINE_WIDTH + "\r")


def complain(error: BootstrapError) -> None:
    """Write what went wrong and what to do, to the error stream."""
    clear_passing()
    sys.stdout.flush()
    sys.stderr.write(f"\nPaintbox cannot start: {error.what}\nWhat to do: {error.remedy}\n")
    sys.stderr.flush()

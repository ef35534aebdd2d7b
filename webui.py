"""Starts Paintbox: checks the Python that runs it, then hands over to the bootstrap package."""

# Only syntax that Python 3.6 can read stands here, so that an old Python answers with a sentence and not with a SyntaxError.
import sys

OLDEST = (3, 11)
NEWEST = (3, 14)


def unsuitable(version: "tuple[int, int]") -> str:
    """Say why a Python of this version cannot run Paintbox; empty when it can."""
    if OLDEST <= version <= NEWEST:
        return ""
    return (
        f"Paintbox needs Python 3.11, 3.12, 3.13 or 3.14; this is Python {version[0]}.{version[1]} ({sys.executable}).\n"
        "Install one of them and start again with it, for example:  python3.13 webui.py"
    )


def main() -> int:
    """Run the bootstrap and return the exit code."""
    complaint = unsuitable(sys.version_info[:2])
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 1
    from bootstrap.start import start

    return start(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

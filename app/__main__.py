"""The command line: picks the command, and answers what the user can fix with a sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence

from app.errors import RESTART, UserError

Command = Callable[[Sequence[str], Mapping[str, str]], int]


def main(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command and return the exit code."""
    name = arguments[0] if arguments else ""
    try:
        if name in COMMANDS:
            return COMMANDS[name](arguments[1:], environment)
        return _serve(arguments, environment)
    except UserError as error:
        sys.stderr.write(f"{error.what}\n" + (f"  {error.hint}\n" if error.hint else ""))
        return 1


def _serve(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.serve import serve

    return serve(arguments, environment)


def _worker(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.worker import work

    return work(arguments, environment)


def _read_headers(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.read_headers import read_headers

    return read_headers(arguments, environment)


def _doctor(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.doctor import doctor

    return doctor(arguments, environment)


def _extensions(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.extensions import extensions

    return extensions(arguments, environment)


def _docs(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.docs import write_docs

    return write_docs(arguments, environment)


def _texts(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.texts import texts

    return texts(arguments, environment)


def _generate(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    from app.cli.generate import generate

    return generate(arguments, environment)


COMMANDS: Mapping[str, Command] = {
    "serve": _serve,
    "worker": _worker,
    "read-headers": _read_headers,
    "doctor": _doctor,
    "extensions": _extensions,
    "docs": _docs,
    "texts": _texts,
    "generate": _generate,
}


def _run() -> int:
    """Run, and begin anew when that is asked for; where a process cannot become another, the start script does that."""
    code = main(sys.argv[1:], os.environ)
    if code == RESTART and os.name == "posix":
        sys.stdout.flush()
        sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return code


if __name__ == "__main__":
    sys.exit(_run())

"""``webui.py generate``: draws pictures from the shell, with a running server if there is one, else with a worker of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pydantic import ValidationError

from app.cli.drawn_files import STDOUT, DrawnPicture, check_output, format_of, write_pictures
from app.cli.generate_here import draw_here
from app.cli.generate_there import draw_there, find_server
from app.cli.parse import CommandLine, parse_command_line
from app.cli.parser import Parser
from app.cli.progress_bar import Bar
from app.errors import UserError
from app.paths import called_from
from app.values.base import Json
from app.values.request import GenerationRequest
from paintbox_client import NoServerError, PaintboxError, RefusedError

REFUSED, WRONG_COMMAND, NO_SERVER, STOPPED = 1, 2, 3, 130
UNAUTHORIZED = (401, 403)
DESCRIPTION = (
    "Draw pictures. A server that runs on the same data folder or at the default address (or --server) is used; "
    "without one a worker is started for them."
)
EPILOG = (
    "Exit codes: 0 drawn, 1 refused or failed, 2 wrong command line, 3 the server cannot be reached or wants credentials, 130 stopped. "
    "Other flags of webui.py (--data-dir, --models-dir, --use-cpu ...) may follow; they count for a worker of its own."
)


def generate(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Draw and write; returns the exit code. Raises UserError for what the user can mend."""
    try:
        given, rest = _parser().parse_known_args(list(arguments))
        output = check_output(given.output, called_from(environment), given.batch_count, overwrite=given.overwrite)
        request = _request(given)
        line = parse_command_line(rest, environment)
    except UserError as error:
        return _complain(error.what, error.hint, WRONG_COMMAND)
    try:
        pictures, comments = _draw(given, request, line, environment)
        files = write_pictures(pictures, output)
    except KeyboardInterrupt:
        return _complain("Stopped.", "", STOPPED)
    except RefusedError as error:
        hint = "Give --user NAME:PASSWORD or --api-key KEY." if error.status in UNAUTHORIZED else ""
        return _complain(str(error), hint, NO_SERVER if hint else REFUSED)
    except NoServerError as error:
        return _complain(str(error), "Is it running? Without --server a worker is started for this.", NO_SERVER)
    except PaintboxError as error:
        return _complain(str(error), "", REFUSED)
    for comment in comments:
        sys.stderr.write(f"{comment}\n")
    for file in files:
        sys.stdout.write(f"{file}\n")
    return 0


def _draw(
    given: argparse.Namespace, request: GenerationRequest, line: CommandLine, environment: Mapping[str, str]
) -> tuple[Sequence[DrawnPicture], Sequence[str]]:
    server = None if given.here else find_server(given.server, given.user, given.api_key, line.options)
    with Bar(sys.stderr, is_quiet=given.quiet) as bar:
        if server is not None:
            return draw_there(server, request, bar)
        return draw_here(request, line, environment, bar)


def _request(given: argparse.Namespace) -> GenerationRequest:
    """What is asked for; fields that were not given are the server's business."""
    width, height = _size(given.size)
    settings: dict[str, Json] = {"samples_format": format_of(given.output)}
    said: dict[str, Any] = {
        name: value for name, value in vars(given).items() if name in GenerationRequest.model_fields and value is not None
    }
    if given.output == STDOUT and given.batch_count != 1:
        raise UserError("-o -: one picture goes to standard output, not several.")
    if not 1 <= given.batch_count <= 1000:
        raise UserError(f"-n {given.batch_count}: between 1 and 1000 pictures can be drawn.")
    try:
        return GenerationRequest(**{**said, "width": width, "height": height, "settings": settings, "save": "spool"})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UserError(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}.") from error


def _size(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal() and 64 <= int(width) <= 16384 and 64 <= int(height) <= 16384):
        raise UserError(f"--size {text!r} is not WIDTHxHEIGHT in pixels, from 64 to 16384.", hint="For example: --size 512x768")
    return int(width) - int(width) % 8, int(height) - int(height) % 8


class TakesArguments(Protocol):
    """argparse's parser, or what lists the flags for the documentation."""

    def add_argument(self, *names: str, **options: Any) -> Any:
        """As argparse has it."""


def _parser() -> Parser:
    parser = Parser(prog="webui.py generate", allow_abbrev=False, description=DESCRIPTION, epilog=EPILOG)
    add_flags(parser)
    return parser


def add_flags(parser: TakesArguments) -> None:
    """The prompt and the flags."""
    parser.add_argument("prompt", help="what to draw, as in the page's prompt")
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="file (.png .jpg .webp .avif), folder, or - for standard output")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there; without it they stay")
    parser.add_argument("-n", dest="batch_count", type=int, default=1, metavar="N", help="how many pictures; the files are numbered")
    parser.add_argument("--negative", dest="negative_prompt", default="", metavar="TEXT", help="negative prompt")
    parser.add_argument("--size", metavar="WxH", help="in pixels; without it the checkpoint's own size")
    parser.add_argument("--steps", type=int, metavar="N", help="sampling steps")
    parser.add_argument("--cfg", dest="cfg_scale", type=float, metavar="X", help="CFG scale")
    parser.add_argument("--seed", type=int, metavar="N", help="-1 or none: a random one")
    parser.add_argument("--sampler", metavar="NAME", help="a sampler by its name")
    parser.add_argument("--scheduler", metavar="NAME", help="a schedule type by its name")
    parser.add_argument("--styles", "--style", action="append", metavar="NAME", help="a style by its name; may be given several times")
    parser.add_argument("--checkpoint", metavar="NAME", help="name, title or hash")
    parser.add_argument("--server", metavar="URL", help="draw on this server and nowhere else")
    parser.add_argument("--user", default="", metavar="NAME:PASSWORD", help="for a server with passwords")
    parser.add_argument("--api-key", default="", metavar="KEY", help="for a server with keys")
    parser.add_argument("--here", action="store_true", help="start a worker even if a server runs")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def _complain(what: str, hint: str, code: int) -> int:
    sys.stderr.write(f"{what}\n" + (f"  {hint}\n" if hint else ""))
    return code

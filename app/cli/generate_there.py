"""Draws for the command line on a server that runs already."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.drawn_files import DrawnPicture
from app.cli.progress_bar import Bar
from app.jobs.lock import address_of_holder
from app.net import page_address
from app.paths import make_paths
from app.values.options import StartOptions
from app.values.request import GenerationRequest
from paintbox_client import Client, Job, JobFacts, NoServerError, Progress, RefusedError
from paintbox_client.client import Drawing

LOOK_TIMEOUT_S = 5.0
UNAUTHORIZED, PORT = 401, "port"


def find_server(address: str | None, user: str, api_key: str, options: StartOptions) -> Client | None:
    """The server at ``address``; else the one that uses the data folder, or is where a start with these options would be; else None.

    One that was named must answer: raises NoServerError, RefusedError.
    """
    if address:
        return _ask(address, user, api_key, is_named=True)
    own = page_address(options) + options.subpath.rstrip("/")
    running = "" if PORT in options.model_fields_set else address_of_holder(make_paths(options).lock_file)
    found = (_ask(where, user, api_key, is_named=False) for where in dict.fromkeys((running, own)) if where)
    return next((server for server in found if server is not None), None)


def _ask(where: str, user: str, api_key: str, *, is_named: bool) -> Client | None:
    name, _, password = user.partition(":")
    looking = Client(where, user=name, password=password, api_key=api_key, timeout_s=LOOK_TIMEOUT_S)
    try:
        looking.worker()
    except NoServerError:
        if is_named:
            raise
        return None
    except RefusedError as error:
        if not is_named and error.status != UNAUTHORIZED:
            return None  # another program has this port
        raise
    return Client(where, user=name, password=password, api_key=api_key)


def draw_there(server: Client, request: GenerationRequest, bar: Bar) -> tuple[Sequence[DrawnPicture], Sequence[str]]:
    """Pictures and comments; raises RefusedError, NoServerError, PaintboxError. A stop cancels the job."""
    drawing: Drawing = request.model_dump(mode="json", exclude={"prompt"}, exclude_unset=True)  # type: ignore[assignment]
    job = server.txt2img(request.prompt, **drawing)
    bar.say("Waiting for its turn." if job.facts.position else "Drawing.")
    facts = _ended(job, bar)
    pictures = [DrawnPicture(job.download(picture), picture.seed) for picture in facts.pictures]
    return pictures, facts.comments


def _ended(job: Job, bar: Bar) -> JobFacts:
    def show(progress: Progress) -> None:
        bar.show(progress.fraction, progress.text, progress.eta_s)

    try:
        return job.wait(show)
    except KeyboardInterrupt:
        job.cancel()
        raise

"""Draws for the command line on a server that runs already."""

from __future__ import annotations

from collections.abc import Sequence

from app.cli.drawn_files import DrawnPicture
from app.cli.progress_bar import Bar
from app.net import page_address
from app.values.options import StartOptions
from app.values.request import GenerationRequest
from paintbox_client import Client, Job, JobFacts, NoServerError, Progress, RefusedError
from paintbox_client.client import Drawing

LOOK_TIMEOUT_S = 5.0
NOT_FOUND, UNAUTHORIZED = 404, 401


def find_server(address: str | None, user: str, api_key: str, options: StartOptions) -> Client | None:
    """The server at ``address``, or at the address that a start with these options would have; None where none runs there.

    One that was named must answer: raises NoServerError, RefusedError.
    """
    name, _, password = user.partition(":")
    where = address or page_address(options) + options.subpath.rstrip("/")
    looking = Client(where, user=name, password=password, api_key=api_key, timeout_s=LOOK_TIMEOUT_S)
    try:
        looking.worker()
    except NoServerError:
        if address:
            raise
        return None
    except RefusedError as error:
        if not address and error.status != UNAUTHORIZED:
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

"""The job that downloads one model file: find it, fetch it, check it, look what it is, and only then give it its name."""

from __future__ import annotations

import http.client
from dataclasses import replace
from typing import TYPE_CHECKING

from app.api import JobProgress, JobResult, ModelFileError, Run, UserError, host_shown, name_problem

from .fetching import Fetch, fetch, hash_part
from .keeping import WORK
from .names import check_folder, clean_name, suffix_of
from .network import Network, check_url
from .params import HTTP_FLAG, PRIVATE_FLAG, PROXY_FLAG, DownloadRequest
from .places import model_folder, new_path
from .recognising import recognise
from .settling import Arrived, Settled, Wish, settle, with_suffix
from .shelf import Parcel, Told
from .sources import Source, Tokens, find_source
from .watch import Watch

if TYPE_CHECKING:
    from app.api import Host


def network_of(host: Host) -> Network:
    """What may be asked, as the command line says."""
    network = host.stash[WORK].network
    if host.options.flag(HTTP_FLAG):
        network = replace(network, allows_http=True)
    if host.options.flag(PROXY_FLAG):
        network = replace(network, proxy=str(host.options.flag(PROXY_FLAG)))
    return replace(network, is_refused=lambda ip: False) if host.options.flag(PRIVATE_FLAG) else network


def check_request(request: DownloadRequest, host: Host) -> None:
    """What can be seen before anything is asked; raises UserError that names the field."""
    check_url(request.url, network_of(host))
    check_folder(request.folder)
    if request.folder_kind:
        model_folder(request.folder_kind, host)
    if request.name:
        reason = name_problem(request.name)
        if reason:
            raise UserError(f"A file cannot be called {request.name[:80]!r}: {reason}.", field="name")
        if request.folder_kind and suffix_of(request.name, model_folder(request.folder_kind, host)):
            new_path(request.folder_kind, request.folder, request.name, host)


def download(run: Run, request: DownloadRequest) -> JobResult:
    """Fetch the file and put it into its folder; raises UserError, and JobStopped, after which the same address goes on."""
    host, network = run.host, network_of(run.host)
    tokens = Tokens(_token("huggingface_token", host), _token("civitai_token", host))
    with Watch(run.control) as watch, host.stash[WORK].shelf.take(request.url) as parcel:
        run.tell("Asking for the file")
        source = _source(request, tokens, network, watch)

        def report(fraction: float, text: str, left_s: float | None) -> None:
            run.report(JobProgress(job_id=run.job.id, fraction=fraction, text=text, eta_s=left_s))

        def on_told(told: Told) -> None:
            _wish(request, told, host)

        job = Fetch(source, tokens.of(source.url, network), network, watch, on_told, report)
        if source.note:
            run.comment(source.note)
        settled = _settle(parcel, request, fetch(parcel, job), job, host)
    for note in settled.notes:
        run.comment(note)
    return JobResult(info=settled.model_dump(mode="json"))


def _token(key: str, host: Host) -> str:
    """A secret of the settings; raises UserError, which does not repeat it, for one that cannot be sent."""
    token = str(host.settings.get(key)).strip()
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UserError(f"The setting {host.settings.option(key).label!r} holds no token.", hint="Copy it again.", field=key)
    return token


def _source(request: DownloadRequest, tokens: Tokens, network: Network, watch: Watch) -> Source:
    url = check_url(request.url, network)
    try:
        source = find_source(url, tokens, network, watch)
    except (OSError, http.client.HTTPException) as error:
        watch.check()
        raise UserError(f"{host_shown(request.url)} cannot be reached.", field="url", status=503) from error
    given = request.sha256.lower()
    if given and source.sha256 and given != source.sha256:
        raise UserError(f"The site says that the file's sha256 is {source.sha256}, not {given}.", field="sha256")
    return replace(source, sha256=given or source.sha256)


def _wish(request: DownloadRequest, told: Told, host: Host) -> Wish:
    """Where the file will go, as far as can be said by now; raises UserError for a name that cannot be, 409 for one that is taken."""
    came_as = clean_name(told.name)
    wish = Wish(folder_kind=request.folder_kind, folder=request.folder, name=request.name or came_as)
    folders = [model_folder(request.folder_kind, host)] if request.folder_kind else [place.folder for place in host.models.folders.values()]
    if not any(suffix_of(came_as, folder) or suffix_of(request.name, folder) for folder in folders):
        raise UserError(f"{came_as} is called like no model file.", hint="Give it a name with the right suffix.", field="name")
    if request.folder_kind:
        new_path(request.folder_kind, request.folder, with_suffix(wish.name, _read_as(request, told), request.folder_kind, host), host)
    return wish


def _read_as(request: DownloadRequest, told: Told) -> str:
    """The name by whose suffix the file is read: the server's, unless only the user's has one."""
    came_as = clean_name(told.name)
    return came_as if "." in came_as or not request.name else request.name


def _settle(parcel: Parcel, request: DownloadRequest, told: Told, job: Fetch, host: Host) -> Settled:
    """Check and recognise what has arrived; of a file that is refused nothing is kept."""
    wish, name = _wish(request, told, host), _read_as(request, told)
    expected = request.sha256.lower() or told.sha256
    hashes = hash_part(parcel, name, job)
    waiting = parcel.folder / name
    try:
        if expected and hashes[0] != expected:
            raise ModelFileError(f"{name} has the sha256 {hashes[0]}, not {expected}.", hint="It was not kept; ask for it again.")
        job.report(1.0, "Looking what it is", None)
        parcel.part.rename(waiting)
        recognised = recognise(waiting, host)
    except ModelFileError:
        parcel.discard()
        raise
    try:
        settled = settle(Arrived(waiting, recognised, hashes), wish, host)
    except UserError:
        if waiting.exists():
            waiting.rename(parcel.part)  # nothing has to be fetched again when another place or name is asked for
        raise
    parcel.discard()
    return settled

"""Hooks of the page and its routes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from app.contracts import Completion
from app.hookspecs.markers import hookspec
from app.values.page_control import PageControl
from app.values.ui import PageFiles, Panel, Tab

if TYPE_CHECKING:
    from app.host import Host
    from app.localizations import Localization


@hookspec
def register_tabs(host: Host) -> Iterable[Tab]:
    """Collect (web): top tabs of the page."""
    raise NotImplementedError


@hookspec
def register_panels(host: Host) -> Iterable[Panel]:
    """Collect (web): blocks in the page's slots."""
    raise NotImplementedError


@hookspec
def adjust_controls(controls: Sequence[PageControl], host: Host) -> Iterable[str]:
    """Collect (web): change what the controls of the page begin with and how far they go, before it is served.

    Returns sentences for the user about what could not be done.
    """
    raise NotImplementedError


@hookspec
def register_page_scripts(host: Host) -> Iterable[str]:
    """Collect (web): addresses below the server's root of scripts that the page loads first of all, as things are when it is built."""
    raise NotImplementedError


@hookspec
def edit_counted_prompt(prompt: str, negative: bool, styles: Sequence[str], host: Host) -> str:
    """Fold (web): the prompt as its tokens are counted for the user: changed as ``edit_request`` would change it with these styles."""
    raise NotImplementedError


@hookspec
def count_embeddings(host: Host) -> Mapping[str, int]:
    """Collect (web): words of prompts that stand for so many vectors each, for the token counter."""
    raise NotImplementedError


@hookspec
def list_completions(host: Host) -> Iterable[Completion]:
    """Collect (web): what can be completed while a prompt is typed, beside tags and the files of ``register_network_types``."""
    raise NotImplementedError


@hookspec
def register_routes(host: Host) -> Iterable[Any]:
    """Collect (web): ``fastapi.APIRouter`` objects; core authentication covers every route of theirs."""
    raise NotImplementedError


@hookspec
def register_assets(host: Host) -> Iterable[PageFiles]:
    """Collect (web): further scripts and styles for the page; an extension's own ``static`` folder needs no word.

    Asked whenever the page or one of these files is asked for, so that files can come and go while the program runs.
    """
    raise NotImplementedError


@hookspec
def choose_localization(host: Host) -> Localization | None:
    """First: the language that the page is written in, with its table, for texts that no script of the page translates."""
    raise NotImplementedError


@hookspec
def register_texts(host: Host) -> Iterable[str]:
    """Collect (web): further texts for tables of translations: those for users that no other hook and no code of the page holds.

    A text with values has ``{}`` for each; what such a hole holds is looked up by itself. Where a word means something else than in the
    rest of the page, its place is marked ``data-context="axis"``, and the text is handed in as "axis|Nothing".
    """
    raise NotImplementedError

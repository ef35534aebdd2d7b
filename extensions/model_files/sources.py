"""What an address means: pages of Hugging Face and Civitai lead to the files they show, with what the sites know of them."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

from app.api import UserError, origin_of

from .network import Network, open_url
from .watch import Watch

CIVITAI_PAGES = frozenset({"civitai.com", "www.civitai.com", "civitai.green", "civitai.red"})
HUGGINGFACE_PAGES = frozenset({"huggingface.co", "www.huggingface.co", "hf.co"})
LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
_VERSION = re.compile(r"/api/download/models/(\d+)/?")
_MODEL = re.compile(r"/models/(\d+)(?:/.*)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
CHOOSING = ("type", "format", "size", "fp")
"""Parts of a download link of Civitai's that choose among the files of a version."""


@dataclass(frozen=True)
class Source:
    """A file to fetch: ``name`` and ``sha256`` as the site tells them, "" where it does not; ``note``: a sentence for the user."""

    url: str
    name: str = ""
    sha256: str = ""
    note: str = ""


@dataclass(frozen=True)
class Tokens:
    """Secrets of the sites; "" for none."""

    huggingface: str = ""
    civitai: str = ""

    def of(self, url: str, network: Network) -> str:
        """The token that belongs to the host of an address; "" for all other hosts."""
        owners = {origin_of(network.huggingface): self.huggingface, origin_of(network.civitai): self.civitai}
        return owners.get(origin_of(url), "")


def find_source(url: SplitResult, tokens: Tokens, network: Network, watch: Watch) -> Source:
    """The file that an address means; asks Civitai where it has to. Raises UserError, OSError, HTTPException."""
    host = (url.hostname or "").lower()
    if host in HUGGINGFACE_PAGES or origin_of(url.geturl()) == origin_of(network.huggingface):
        return _on_huggingface(url, network)
    if host in CIVITAI_PAGES or origin_of(url.geturl()) == origin_of(network.civitai):
        return _on_civitai(url, tokens, network, watch)
    return Source(urlunsplit((url.scheme, url.netloc, url.path, url.query, "")))


def _on_huggingface(url: SplitResult, network: Network) -> Source:
    """The page of a file becomes the file."""
    parts = url.path.strip("/").split("/")
    first = 3 if parts[0] in ("datasets", "spaces") else 2
    if len(parts) < first + 3 or parts[first] not in ("blob", "resolve", "raw"):
        raise UserError(
            "This is no page of a file on Hugging Face.", hint="Open Files there and copy the address of one file.", field="url"
        )
    parts[first] = "resolve"
    return Source(f"{network.huggingface}/{'/'.join(parts)}", unquote(parts[-1]))


def _on_civitai(url: SplitResult, tokens: Tokens, network: Network, watch: Watch) -> Source:
    """The page of a model, or a link to one of its files; what the site says about the file comes along."""
    query = {key: values[0] for key, values in parse_qs(url.query).items()}
    direct, page = _VERSION.fullmatch(url.path), _MODEL.fullmatch(url.path)
    if direct:
        return _of_version(_ask(f"/api/v1/model-versions/{direct[1]}", tokens, network, watch), query, network)
    if not page:
        raise UserError("This is no page of a model on Civitai.", field="url")
    wanted = query.get("modelVersionId", "")
    if wanted.isdecimal():
        return _of_version(_ask(f"/api/v1/model-versions/{wanted}", tokens, network, watch), query, network)
    versions = _ask(f"/api/v1/models/{page[1]}", tokens, network, watch).get("modelVersions")
    if not isinstance(versions, list) or not versions or not isinstance(versions[0], dict):
        raise UserError("Civitai lists no file of this model.", field="url")
    found = _of_version(versions[0], query, network)
    note = f"The newest of {len(versions)} versions was taken ({str(versions[0].get('name', ''))[:100]})." if len(versions) > 1 else ""
    return Source(found.url, found.name, found.sha256, note)


def _of_version(version: Mapping[str, Any], query: Mapping[str, str], network: Network) -> Source:
    files = [file for file in version.get("files") or () if isinstance(file, dict)]
    wanted = {key: query[key] for key in CHOOSING if key in query}
    fitting = [file for file in files if _fits(file, wanted)]
    chosen = next((file for file in fitting if file.get("primary")), None) or next(iter(fitting), None)
    if chosen is None:
        raise UserError("Civitai lists no such file of this model.", field="url")
    address = str(chosen.get("downloadUrl") or "")
    if not address:
        address = f"{network.civitai}/api/download/models/{quote(str(version.get('id', '')))}"
        address += f"?{urlencode(wanted)}" if wanted else ""
    hashes = chosen.get("hashes")
    sha256 = str(hashes.get("SHA256", "")).lower() if isinstance(hashes, dict) else ""
    others = f"{len(files)} files belong to this version; {chosen.get('name')} was taken." if len(files) > 1 and not wanted else ""
    return Source(address, str(chosen.get("name") or ""), sha256 if _SHA256.fullmatch(sha256) else "", others)


def _fits(file: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    facts = {**(file.get("metadata") or {}), "type": file.get("type")}
    return all(str(facts.get(key, "")).lower() == value.lower() for key, value in wanted.items())


def _ask(path: str, tokens: Tokens, network: Network, watch: Watch) -> dict[str, Any]:
    """What Civitai's API tells; raises UserError that never holds the token."""
    url = f"{network.civitai}{path}"
    try:
        with open_url(url, {"Accept": "application/json"}, tokens.civitai, network, watch) as answer:
            if answer.status != 200:
                raise UserError(
                    f"Civitai answers with {answer.status}: there is no such model, or it wants a token.", field="url", status=404
                )
            body = answer.response.read(LARGEST_ANSWER_BYTES)
    except (OSError, http.client.HTTPException) as error:
        watch.check()
        raise UserError(f"Civitai cannot be reached ({type(error).__name__}).", hint="Try again later.", field="url", status=503) from error
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UserError("Civitai's answer cannot be understood.", field="url", status=503)
    return told


def told_name(headers: http.client.HTTPMessage, urls: tuple[str, ...]) -> str:
    """How the server calls the file: by its header, else by one of its addresses; "" where none tells."""
    names = [headers.get_filename() or "", *(unquote(PurePosixPath(urlsplit(url).path).name) for url in urls)]
    return next((name for name in names if PurePosixPath(name).suffix), next((name for name in names if name), ""))


def told_hash(headers: tuple[Mapping[str, str], ...], url: str, network: Network) -> str:
    """The sha256 that Hugging Face tells of a large file, in one of the answers that lead to it; "" elsewhere."""
    if origin_of(url) != origin_of(network.huggingface):
        return ""
    for each in headers:
        linked = {key.lower(): value for key, value in each.items()}.get("x-linked-etag", "").strip('"')
        if _SHA256.fullmatch(linked):
            return linked
    return ""

"""Requests to servers that other people name: https alone, never to this machine or its network, whatever a name or redirect says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote_plus, urlsplit

from app.api import IsRefused, Outgoing, Proxy, ServerAnswer, UserError, Way, ask_watched, is_of_a_network

from .params import PROXY_FLAG
from .watch import Watch

MOST_REDIRECTS = 10
TIMEOUT_S = 30.0
SECRET_PARTS = frozenset({"key", "sig", "hmac", "jwt", "auth", "policy", "pwd"})
"""Parts of an address that are secrets, without the marks between their words."""
SECRET_WORDS = (
    "token",
    "apikey",
    "accesskey",
    "keypairid",
    "signature",
    "secret",
    "password",
    "credential",
    "authorization",
    "xamz",
    "xgoog",
)
"""What makes every part a secret that has it in its name: sites' tokens, and the signed links of Amazon, Google, Azure, CloudFront."""


@dataclass(frozen=True)
class Network:
    """What may be asked, and where the sites are, as scheme and host.

    ``proxy``: through which everything goes, "" for none; it may know names that this machine does not, which nobody can judge then.
    ``retry_s``: pauses after connections that broke without bringing anything. ``is_refused`` judges every address before it is used.
    """

    allows_http: bool = False
    is_refused: IsRefused = is_of_a_network
    huggingface: str = "https://huggingface.co"
    civitai: str = "https://civitai.com"
    retry_s: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 60.0)
    timeout_s: float = TIMEOUT_S
    proxy: str = ""

    @property
    def way(self) -> Way:
        """The same, as the host's network code takes it."""
        proxy = Proxy(self.proxy, f"--{PROXY_FLAG}") if self.proxy else None
        hint = "Start Paintbox with --model-download-private to allow them."
        return Way(self.is_refused, self.timeout_s, proxy, hint)


def check_url(text: str, network: Network) -> SplitResult:
    """The address in parts; raises UserError that says what is wrong with it and never repeats what may be secret."""
    try:
        url = urlsplit(text.strip())
        has_port = url.port is None or url.port > 0
    except ValueError:
        raise UserError("The address cannot be understood.", field="url") from None
    if url.scheme not in ("https", "http") or not url.hostname or not has_port:
        raise UserError("An address of a file begins with https://.", field="url")
    if url.scheme == "http" and not network.allows_http:
        raise UserError(
            "Files are downloaded over https:// only.", hint="Start Paintbox with --model-download-http to allow http:// too.", field="url"
        )
    if url.username is not None or url.password is not None:
        raise UserError("The address holds a name or a password.", hint="Give it without them.", field="url")
    if known := secret_part(url):
        raise UserError(
            f"The address holds a key or token ({known}), and addresses are kept.",
            hint="Give the page's own address; tokens belong into the settings, section Model files.",
            field="url",
        )
    return url


def secret_part(url: SplitResult) -> str:
    """The word by which a part of the query or fragment is known to be a secret; "" where there is none."""
    for part in re.split("[&;?]", f"{url.query}&{url.fragment}"):
        name = re.sub("[^a-z0-9]", "", unquote_plus(part.partition("=")[0]).lower())
        known = name if name in SECRET_PARTS else next((word for word in SECRET_WORDS if word in name), "")
        if known:
            return known
    return ""


@contextmanager
def open_url(url: str, headers: Mapping[str, str], token: str, network: Network, watch: Watch) -> Iterator[ServerAnswer]:
    """Ask for ``url`` and follow redirects; ``token`` goes to the first host alone, as long as no redirect has left it.

    Raises UserError for addresses that may not be asked, OSError and HTTPException for connections that fail.
    """
    schemes = ("http", "https") if network.allows_http else ("https",)
    secret = {"Authorization": f"Bearer {token}"} if token else {}
    wanted = Outgoing("GET", url, headers=headers, redirects=MOST_REDIRECTS, schemes=schemes, secret_headers=secret)
    with ask_watched(wanted, "url", network.way, watch) as answer:
        yield answer

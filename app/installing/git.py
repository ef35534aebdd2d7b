"""The git program: started with a list of arguments, speaking only what the rules allow, running nothing that a repository brings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.installing.addresses import GitRules, check_git_address, without_secrets
from app.installing.servers import Ask, find_server
from app.outgoing.asking import ask_server

NETWORK_S = 900.0
LOCAL_S = 60.0
QUIET_CONFIG = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.askPass=",
    "credential.helper=",
    "credential.interactive=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "advice.detachedHead=false",
    "gc.auto=0",
    "safe.directory=*",
    "protocol.allow=never",
    "http.sslVerify=true",
    "http.followRedirects=false",
    "log.showSignature=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "core.sshCommand=false",
    "core.alternateRefsCommand=true",
    "core.pager=cat",
    "diff.external=",
)
"""Nothing is asked, nothing runs that a folder's own settings name, and every protocol that is not allowed below is refused."""

CERTIFICATES = ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH")
"""Variables of git's that are passed on: a network may have certificates of its own."""


@dataclass(frozen=True)
class GitFacts:
    """Where a repository stands; ``date``: seconds since 1970 of its commit."""

    remote: str = ""
    branch: str = ""
    commit: str = ""
    date: int = 0
    version: str = ""


class Git:
    """Raises UserError with git's own last words when something fails. ``ask``: how a server is looked at before git goes there."""

    def __init__(self, rules: GitRules | None = None, program: str = "git", ask: Ask = ask_server) -> None:
        self.rules = rules or GitRules()
        self._program = program
        self._ask = ask

    def clone(self, address: str, branch: str, target: Path) -> None:
        """Clone one branch with its history, without submodules; links of the repository become small text files."""
        chosen = ["--branch", branch] if branch else []
        options = ["--template=", "--single-branch", "--no-recurse-submodules", "--config", "core.symlinks=false", *chosen]
        self._go(address, ["clone", "--quiet", *options, "--", address, str(target)])

    def facts(self, folder: Path) -> GitFacts:
        """Where a repository stands; empty for a folder that is none of its own."""
        if not (folder / ".git").exists():
            return GitFacts()
        try:
            commit, date, names = self._run(["log", "-1", "--format=%H%n%ct%n%D"], folder).split("\n")[:3]
            branch = self._run(["rev-parse", "--abbrev-ref", "HEAD"], folder).strip()
            remote = self._run(["config", "--get", "remote.origin.url"], folder, allowed_to_fail=True).strip()
        except (UserError, ValueError):
            return GitFacts()
        tags = [name.removeprefix("tag: ") for name in names.split(", ") if name.startswith("tag: ")]
        return GitFacts(without_secrets(remote), "" if branch == "HEAD" else branch, commit, int(date), tags[0] if tags else commit[:8])

    def newest(self, address: str, branch: str) -> str:
        """The commit that a branch of the remote repository has now."""
        answer = self._go(address, ["ls-remote", "--", address, branch or "HEAD"])
        wanted = {branch, f"refs/heads/{branch}"} if branch else {"HEAD"}
        for line in answer.splitlines():
            commit, _, name = line.partition("\t")
            if name in wanted:
                return commit
        raise UserError(f"The repository has no branch {branch!r} any more.")

    def has_commit(self, folder: Path, commit: str) -> bool:
        """True when the repository holds the commit."""
        return bool(self._run(["rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"], folder, allowed_to_fail=True).strip())

    def fetch(self, folder: Path, address: str, branch: str) -> None:
        """Bring a branch of the remote repository into this one, without touching its files."""
        self._go(address, ["fetch", "--quiet", "--no-tags", "--", address, branch or "HEAD"], folder)

    def take_over(self, folder: Path, source: Path, commit: str) -> None:
        """Bring ``commit``, which is what another folder stands at, into this repository and move its files there."""
        self._run(["fetch", "--quiet", "--no-tags", "--", str(source), "HEAD"], folder, ("file",))
        self.move_to(folder, commit)

    def move_to(self, folder: Path, commit: str) -> None:
        """Set the repository's files to a commit that it holds; raises UserError when changes of the user's would be lost."""
        changed = self._run(["status", "--porcelain", "--untracked-files=no"], folder).splitlines()
        if changed:
            names = ", ".join(line[3:] for line in changed[:5])
            raise UserError(f"{folder.name} has files that were changed by hand: {names}.", hint="Put them aside first.", status=409)
        self._run(["reset", "--quiet", "--hard", commit], folder)

    def submodules(self, folder: Path) -> list[str]:
        """Addresses of the submodules that a repository names; they are not fetched."""
        if not (folder / ".gitmodules").is_file():
            return []
        listed = self._run(["config", "--file", ".gitmodules", "--get-regexp", r"\.url$"], folder, allowed_to_fail=True)
        return [line.partition(" ")[2] for line in listed.splitlines()]

    def _go(self, address: str, arguments: Sequence[str], folder: Path | None = None) -> str:
        """Let git speak with a server, which is looked at first and which it then does not leave."""
        checked = check_git_address(address, self.rules)
        schemes = tuple(each for each in ("http", "https") if each in self.rules.protocols)
        told = find_server(checked, schemes, self._ask).config() if checked.startswith(("http://", "https://")) else {}
        return self._run(arguments, folder, self.rules.protocols, NETWORK_S, told=told)

    def _run(
        self,
        arguments: Sequence[str],
        folder: Path | None,
        protocols: Sequence[str] = (),
        limit_s: float = LOCAL_S,
        *,
        allowed_to_fail: bool = False,
        told: Mapping[str, str] | None = None,
    ) -> str:
        config = [*QUIET_CONFIG, *(f"protocol.{protocol}.allow=always" for protocol in protocols)]
        command = [self._program, *(word for entry in config for word in ("-c", entry)), *arguments]
        try:
            done = subprocess.run(
                command, cwd=folder, env=_environment(protocols, told or {}), stdin=subprocess.DEVNULL, capture_output=True, timeout=limit_s
            )
        except FileNotFoundError:
            raise UserError("git is not installed.", hint="Install git, or upload the extension as an archive.", status=503) from None
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UserError(f"git {arguments[0]} did not end: {error}.", status=503) from error
        if done.returncode and not allowed_to_fail:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines()
            raise UserError(f"git {arguments[0]} failed: {without_secrets(said[-1]) if said else done.returncode}", status=422)
        return done.stdout.decode("utf-8", "replace")


def _environment(protocols: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
    """What git gets: nothing that redirects it, and nobody to ask; ``told``: settings whose names may hold any letter."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in CERTIFICATES}
    own = {"GIT_TERMINAL_PROMPT": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_ALLOW_PROTOCOL": ":".join(protocols) or "none", "LC_ALL": "C.UTF-8"}
    numbered = {
        f"GIT_CONFIG_{part}_{at}": text for at, pair in enumerate(told.items()) for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    own |= {"GIT_CONFIG_COUNT": str(len(told)), **numbered}
    return {**kept, **own, "GIT_SSH_COMMAND": "false", "GIT_PROTOCOL_FROM_USER": "0"}

"""The host's own command-line flags, under A1111's names where it has them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["switch", "text", "path", "int", "commas"]


@dataclass(frozen=True)
class Flag:
    """A flag that sets the field ``target`` of StartOptions; a switch sets it to ``constant``."""

    name: str
    target: str
    kind: Kind
    help: str
    constant: str | bool = True
    choices: tuple[str, ...] = ()
    repeat: bool = False


HOST_FLAGS = (
    Flag("listen", "listen", "switch", "be reachable from other machines (binds 0.0.0.0)"),
    Flag("port", "port", "int", "port of the page (7860)"),
    Flag("server-name", "server_name", "text", "address to bind; wins over --listen"),
    Flag("subpath", "subpath", "text", "path under which a reverse proxy serves the page"),
    Flag("tls-keyfile", "tls_keyfile", "path", "private key for HTTPS"),
    Flag("tls-certfile", "tls_certfile", "path", "certificate for HTTPS"),
    Flag(
        "cors-allow-origins",
        "cors_allow_origins",
        "commas",
        "web origins that may call the API and frame the page, separated by commas",
    ),
    Flag("cors-allow-origins-regex", "cors_allow_origins_regex", "text", "web origins that may call the API, as a regular expression"),
    Flag("autolaunch", "autolaunch", "switch", "open the page in the browser when it is ready"),
    Flag("theme", "theme", "text", "colours of the page", choices=("light", "dark")),
    Flag("gradio-allowed-path", "allowed_paths", "path", "a further folder whose files the page may show", repeat=True),
    Flag("nowebui", "nowebui", "switch", "serve the API without the page, on port 7861 unless --port is given"),
    Flag("timeout-keep-alive", "timeout_keep_alive", "int", "seconds after which a connection without requests is closed (30)"),
    Flag("enable-model-file-access", "open_model_files", "switch", "let everybody who may use the page or the API change model files"),
    Flag("model-file-users", "model_file_users", "commas", "accounts that may change model files, separated by commas"),
    Flag(
        "enable-insecure-extension-access",
        "open_extensions",
        "switch",
        "let everybody who may use the page or the API install and change extensions, which run programs here",
    ),
    Flag("extension-users", "extension_users", "commas", "accounts that may install and change extensions, separated by commas"),
    Flag("allow-private-callbacks", "private_callbacks", "switch", "let callbacks of jobs go to this machine and its network"),
    Flag("data-dir", "data_dir", "path", "folder of everything of yours: models, outputs, settings, extensions"),
    Flag("models-dir", "models_dir", "path", "folder of the models (<data-dir>/models)"),
    Flag("ui-settings-file", "settings_file", "path", "settings file (<data-dir>/config.json)"),
    Flag("safe-mode", "safe_mode", "switch", "load only the extensions that come with Paintbox"),
    Flag("disable-extra-extensions", "safe_mode", "switch", "the same as --safe-mode"),
    Flag("disable-all-extensions", "no_extensions", "switch", "load no extension at all"),
    Flag("skip-load-model-at-start", "preload_model", "switch", "load no checkpoint before the first picture", constant=False),
    Flag("ui-debug-mode", "preload_model", "switch", "the same as --skip-load-model-at-start", constant=False),
    Flag("skip-install", "install_packages", "switch", "install no packages that extensions ask for", constant=False),
    Flag("no-hashing", "hash_models", "switch", "do not compute hashes of model files", constant=False),
    Flag("no-half", "no_half", "switch", "compute in full precision, whatever --precision says"),
    Flag("no-half-vae", "vae_precision", "switch", "decode pictures in full precision", constant="full"),
    Flag("precision", "precision", "text", "precision of the computation", choices=("full", "half", "autocast")),
    Flag("disable-nan-check", "nan_check", "switch", "take pictures as they are when the model returns what is no number", constant=False),
    Flag("device-id", "device", "text", "number of the graphics card to use"),
    Flag("unix-filenames-sanitization", "unix_filenames", "switch", "allow every character but / in file names"),
    Flag("filenames-max-length", "filenames_max_length", "int", "longest file name (128)"),
    Flag("freeze-settings", "lock_all_settings", "switch", "settings cannot be changed while the program runs, nor for a single request"),
    Flag(
        "freeze-settings-in-sections",
        "locked_sections",
        "commas",
        "the settings of these sections cannot be changed meanwhile, nor for a single request",
    ),
    Flag("freeze-specific-settings", "locked_settings", "commas", "these settings cannot be changed meanwhile, nor for a single request"),
    Flag("hide-ui-dir-config", "lock_paths", "switch", "the folders for saving cannot be changed, nor chosen by a request"),
    Flag("reinstall-torch", "reinstall_torch", "switch", "install PyTorch anew before starting; webui.py does it"),
    Flag("loglevel", "loglevel", "text", "how much is logged", choices=("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")),
)


@dataclass(frozen=True)
class UnneededFlag:
    """A flag of A1111 that is accepted and does nothing, and the sentence that says why."""

    name: str
    takes_value: bool
    why: str


@dataclass(frozen=True)
class RefusedFlag:
    """A flag of A1111 that Paintbox does not start with, and what to do instead."""

    name: str
    why: str


def read_a1111_flags() -> tuple[list[UnneededFlag], list[RefusedFlag]]:
    """The flags of A1111 that Paintbox accepts without using them, and those that it refuses."""
    document = tomllib.loads(Path(__file__).with_name("a1111_flags.toml").read_text(encoding="utf-8"))
    unneeded: list[UnneededFlag] = []
    for group in document["unneeded"]:
        unneeded += [UnneededFlag(name, False, group["why"]) for name in group.get("switches", ())]
        unneeded += [UnneededFlag(name, True, group["why"]) for name in group.get("with_value", ())]
    return unneeded, [RefusedFlag(name, entry["why"]) for entry in document["refused"] for name in entry["flags"]]

"""How the program was started: the frozen result of the command line, passed on to workers as JSON."""

from __future__ import annotations

from typing import Literal

from app.values.base import Json, Value


class StartOptions(Value):
    """The command line with every default filled in; paths are absolute.

    ``flags`` holds the values of flags that extensions declare in their manifests, by flag name without dashes ("ckpt-dir"): a list
    for flags that may be repeated, else a string, a number or a truth value. ``settings`` holds option values that win over
    ``config.json`` and the environment. ``secrets`` are texts that no log may show.
    """

    data_dir: str = ""
    models_dir: str = ""
    settings_file: str = ""
    safe_mode: bool = False
    no_extensions: bool = False
    only_extensions: tuple[str, ...] | None = None

    listen: bool = False
    server_name: str = ""
    port: int = 7860
    subpath: str = ""
    tls_keyfile: str = ""
    tls_certfile: str = ""
    cors_allow_origins: tuple[str, ...] = ()
    cors_allow_origins_regex: str = ""
    autolaunch: bool = False
    theme: Literal["", "light", "dark"] = ""
    allowed_paths: tuple[str, ...] = ()
    nowebui: bool = False
    timeout_keep_alive: int = 30
    open_model_files: bool = False
    model_file_users: tuple[str, ...] = ()
    open_extensions: bool = False
    extension_users: tuple[str, ...] = ()
    install_packages: bool = True
    private_callbacks: bool = False

    preload_model: bool = True
    hash_models: bool = True
    device: str = ""
    precision: Literal["auto", "full", "half"] = "auto"
    vae_precision: Literal["auto", "full"] = "auto"
    nan_check: bool = True
    unix_filenames: bool = False
    filenames_max_length: int = 128
    lock_all_settings: bool = False
    locked_sections: tuple[str, ...] = ()
    locked_settings: tuple[str, ...] = ()
    lock_paths: bool = False

    loglevel: str = "INFO"
    flags: dict[str, Json] = {}
    settings: dict[str, Json] = {}
    secrets: tuple[str, ...] = ()

    @property
    def host_name(self) -> str:
        """The address to bind."""
        return self.server_name or ("0.0.0.0" if self.listen else "127.0.0.1")

    @property
    def is_exposed(self) -> bool:
        """True when other machines can reach the page."""
        return self.host_name not in ("127.0.0.1", "localhost", "::1")

    def flag(self, name: str) -> Json:
        """Value of a flag that an extension declared; None when it was not given."""
        return self.flags.get(name)

    def flag_texts(self, name: str) -> list[str]:
        """Values of a text or path flag that an extension declared, whether it may be repeated or not."""
        value = self.flag(name)
        return [text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str)]

    def without_secrets(self) -> StartOptions:
        """What a worker gets: the same without passwords, because other users of the machine can read its command line."""
        open_flags = {name: value for name, value in self.flags.items() if not self._is_secret(value)}
        return self.model_copy(update={"flags": open_flags, "secrets": ()})

    def _is_secret(self, value: Json) -> bool:
        texts = value if isinstance(value, list) else [value]
        return any(isinstance(text, str) and secret in text for text in texts for secret in self.secrets)

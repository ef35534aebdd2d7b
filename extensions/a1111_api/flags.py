"""The command line as A1111's clients ask for it, without anything secret."""

from __future__ import annotations

from app.api import Json, StartOptions

MASKED = "***"


def command_line_flags(options: StartOptions) -> dict[str, Json]:
    """Flags by A1111's names; passwords, keys and whatever else is secret are masked."""
    public = options.without_secrets()
    flags: dict[str, Json] = {
        "listen": public.listen,
        "port": public.port,
        "server_name": public.server_name or None,
        "subpath": public.subpath or None,
        "nowebui": public.nowebui,
        "api": True,
        "api_log": False,
        "api_server_stop": False,
        "autolaunch": public.autolaunch,
        "theme": public.theme or None,
        "share": False,
        "data_dir": public.data_dir,
        "models_dir": public.models_dir or None,
        "ui_settings_file": public.settings_file or None,
        "ckpt": None,
        **_network(public),
        "skip_load_model_at_start": not public.preload_model,
        "no_hashing": not public.hash_models,
        "no_half": public.precision == "full",
        "no_half_vae": public.vae_precision == "full",
        "precision": "autocast" if public.precision == "auto" else public.precision,
        "device_id": public.device or None,
        "disable_nan_check": not public.nan_check,
        "gradio_allowed_path": list(public.allowed_paths),
        "ui_debug_mode": not public.preload_model,
        **_frozen(public),
        "unix_filenames_sanitization": public.unix_filenames,
        "filenames_max_length": public.filenames_max_length,
        "disable_all_extensions": public.no_extensions,
        "disable_extra_extensions": public.safe_mode,
        "loglevel": public.loglevel,
    }
    for name in options.flags:
        flags[name.replace("-", "_")] = public.flags.get(name, MASKED)
    return flags


def _frozen(public: StartOptions) -> dict[str, Json]:
    """The flags that keep settings as they are."""
    return {
        "freeze_settings": public.lock_all_settings,
        "freeze_settings_in_sections": ",".join(public.locked_sections) or None,
        "freeze_specific_settings": ",".join(public.locked_settings) or None,
        "hide_ui_dir_config": public.lock_paths,
    }


def _network(public: StartOptions) -> dict[str, Json]:
    """The flags of the web server."""
    return {
        "cors_allow_origins": ",".join(public.cors_allow_origins) or None,
        "cors_allow_origins_regex": public.cors_allow_origins_regex or None,
        "tls_certfile": public.tls_certfile or None,
        "tls_keyfile": MASKED if public.tls_keyfile else None,
        "timeout_keep_alive": public.timeout_keep_alive,
    }

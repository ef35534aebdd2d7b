"""The command line as A1111's clients ask for it, without anything secret."""

from __future__ import annotations

from app.api import Json, StartOptions

MASKED = "***"
SWITCHES = """add_stop_route administrator allow_code always_batch_cond_uncond api_log api_server_stop controlnet_tracemalloc
 disable_all_extensions disable_console_progressbars disable_extra_extensions disable_opt_split_attention disable_safe_unpickle
 disable_tls_verify do_not_download_clip dump_sysinfo enable_console_prompts
 force_enable_xformers gradio_debug gradio_queue log_startup lowram lowvram medvram medvram_sdxl no_download_sd_model
 no_gradio_queue no_half_controlnet no_progressbar_hiding no_prompt_history opt_channelslast opt_sdp_attention
 opt_sdp_no_mem_attention opt_split_attention opt_split_attention_invokeai opt_split_attention_v1 opt_sub_quad_attention
 reinstall_torch reinstall_xformers share show_negative_prompt skip_prepare_environment skip_python_version_check
 skip_torch_cuda_test skip_version_check unload_gfpgan update_all_extensions update_check upcast_sampling use_ipex
 use_textbox_seed xformers xformers_flash_attention""".split()
VALUES = """api_auth bsrgan_models_path ckpt ckpt_dir clip_models_path codeformer_models_path config dat_models_path embeddings_dir
 esrgan_models_path gfpgan_dir gfpgan_model gfpgan_models_path gradio_auth gradio_auth_path hypernetwork_dir ldsr_models_path
 localizations_dir lora_dir ngrok ngrok_region realesrgan_models_path scunet_models_path styles_file sub_quad_chunk_threshold
 sub_quad_kv_chunk_size sub_quad_q_chunk_size swinir_models_path textual_inversion_templates_dir ui_config_file use_cpu vae_dir
 vae_path""".split()
"""A1111's flags that stand in its answer whether given or not; those that are given have their value."""


def command_line_flags(options: StartOptions) -> dict[str, Json]:
    """Flags by A1111's names; passwords, keys and whatever else is secret are masked."""
    public = options.without_secrets()
    flags: dict[str, Json] = {
        **dict.fromkeys(SWITCHES, False),
        **dict.fromkeys(VALUES, None),
        "listen": public.listen,
        "port": public.port,
        "server_name": public.server_name or None,
        "subpath": public.subpath or None,
        "nowebui": public.nowebui,
        "api": True,
        "autolaunch": public.autolaunch,
        "theme": public.theme or None,
        "data_dir": public.data_dir,
        "models_dir": public.models_dir or None,
        "ui_settings_file": public.settings_file or None,
        **_network(public),
        "enable_insecure_extension_access": public.open_extensions,
        "skip_install": not public.install_packages,
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

"""Every hook of Paintbox: typed, grouped by file and documented; docs/hooks.md is generated from these files.

Four call styles (see ``app.hooks``): *collect* (``register_*``), *first*, *fold* (``edit_*``) and *notify* (``on_*``). All hooks are
synchronous and quick; the work happens in what they return. ``host`` is the Host of the process that asks: ``host.role`` is "web" or
"worker".
"""

from __future__ import annotations

from app.hookspecs.generation import (
    decode_latents,
    describe_image,
    edit_conditioning,
    edit_guidance,
    edit_images,
    edit_infotext,
    edit_plan,
    edit_request,
    edit_weights,
    encode_pixels,
    follow_denoising,
    on_image_saved,
    patch_model,
    read_metadata,
    register_attention,
    register_axes,
    register_noise_schedules,
    register_params,
    register_samplers,
    register_scripts,
    register_upscalers,
    start_pass,
)
from app.hookspecs.host import (
    authenticate,
    lifespan,
    register_executors,
    register_job_kinds,
    register_settings,
    requires_login,
    shape_problem,
)
from app.hookspecs.markers import PROJECT, hookimpl, hookspec
from app.hookspecs.models import identify_model, register_model_families, register_model_folders, register_network_types
from app.hookspecs.page import (
    adjust_controls,
    count_embeddings,
    edit_counted_prompt,
    list_completions,
    register_assets,
    register_page_scripts,
    register_panels,
    register_routes,
    register_tabs,
)

__all__ = [
    "PROJECT",
    "adjust_controls",
    "authenticate",
    "count_embeddings",
    "decode_latents",
    "describe_image",
    "edit_conditioning",
    "edit_counted_prompt",
    "edit_guidance",
    "edit_images",
    "edit_infotext",
    "edit_plan",
    "edit_request",
    "edit_weights",
    "encode_pixels",
    "follow_denoising",
    "hookimpl",
    "hookspec",
    "identify_model",
    "lifespan",
    "list_completions",
    "on_image_saved",
    "patch_model",
    "read_metadata",
    "register_assets",
    "register_attention",
    "register_axes",
    "register_executors",
    "register_job_kinds",
    "register_model_families",
    "register_model_folders",
    "register_network_types",
    "register_noise_schedules",
    "register_page_scripts",
    "register_panels",
    "register_params",
    "register_routes",
    "register_samplers",
    "register_scripts",
    "register_settings",
    "register_tabs",
    "register_upscalers",
    "requires_login",
    "shape_problem",
    "start_pass",
]

"""The host's own settings, under A1111's keys: what generation, saving, the page and the host itself read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from app.contracts import Choices, SettingsSection
from app.settings_page import Gallery, UserInterface
from app.values.owned import Owned

HOST = "host"
_PATH: JsonDict = {"is_path": True}
_RELOAD: JsonDict = {"reload": True}
_RESTART: JsonDict = {"restart": True}
_COLOR: JsonDict = {"control": "color"}
_HIDDEN: JsonDict = {"hidden": True, "restrict_api": True}
_Format = Literal["png", "jpg", "jpeg", "webp", "avif"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, protected_namespaces=())


class SavingImages(_Section):
    """How pictures and grids are written."""

    samples_save: bool = Field(True, title="Always save all generated images")
    samples_format: _Format = Field("png", title="File format for images")
    samples_filename_pattern: str = Field(
        "",
        title="Images filename pattern",
        description="Empty: [seed] inside subdirectories, else [seed]-[prompt_spaces].",
        json_schema_extra=_PATH,
    )
    save_images_add_number: bool = Field(True, title="Add number to filename when saving")
    save_images_replace_action: Literal["Replace", "Add number suffix"] = Field("Replace", title="Saving the image to an existing file")
    grid_save: bool = Field(True, title="Always save all generated image grids")
    grid_format: _Format = Field("png", title="File format for grids")
    grid_extended_filename: bool = Field(False, title="Add extended info (seed, prompt) to filename when saving grid")
    grid_only_if_multiple: bool = Field(True, title="Do not save grids consisting of one picture")
    grid_prevent_empty_spots: bool = Field(False, title="Prevent empty spots in grid (when set to autodetect)")
    grid_background_color: str = Field(
        "#ffffff", title="Background color for image grids", pattern="^#[0-9a-fA-F]{6}$", json_schema_extra=_COLOR
    )
    grid_zip_filename_pattern: str = Field(
        "", title="Archive filename pattern", description="Empty: [datetime]_[[model_name]]_[seed]-[seed_last].", json_schema_extra=_PATH
    )
    n_rows: int = Field(-1, ge=-1, le=16, title="Grid row count", description="-1: automatic; 0: the batch size.")
    enable_pnginfo: bool = Field(True, title="Write infotext to metadata of the generated image")
    save_txt: bool = Field(False, title="Create a text file with infotext next to every generated image")
    save_incomplete_images: bool = Field(False, title="Save interrupted images")
    jpeg_quality: int = Field(80, ge=1, le=100, title="Quality for saved jpeg, webp and avif images")
    webp_lossless: bool = Field(False, title="Use lossless compression for webp images")
    export_for_4chan: bool = Field(
        True, title="Save copy of large images as JPG", description="If the file is larger than the next two settings say."
    )
    img_downscale_threshold: float = Field(4.0, ge=0.0, title="File size limit for the above option, MB")
    target_side_length: float = Field(4000.0, ge=1.0, title="Width/height limit for the above option, in pixels")
    img_max_size_mp: float = Field(200.0, ge=0.0, title="Maximum grid size, in megapixels")


class SavingPaths(_Section):
    """Where pictures go; relative folders start at the data folder."""

    outdir_samples: str = Field(
        "", title="Output directory for images", description="If empty, the next one is used.", json_schema_extra=_PATH
    )
    outdir_txt2img_samples: str = Field("outputs/txt2img-images", title="Output directory for txt2img images", json_schema_extra=_PATH)
    outdir_grids: str = Field(
        "", title="Output directory for grids", description="If empty, the next one is used.", json_schema_extra=_PATH
    )
    outdir_txt2img_grids: str = Field("outputs/txt2img-grids", title="Output directory for txt2img grids", json_schema_extra=_PATH)
    outdir_save: str = Field("log/images", title="Directory for saving images using the Save button", json_schema_extra=_PATH)


class SavingToDirectories(_Section):
    """Subfolders of the output folders."""

    save_to_dirs: bool = Field(True, title="Save images to a subdirectory")
    grid_save_to_dirs: bool = Field(True, title="Save grids to a subdirectory")
    use_save_to_dirs_for_ui: bool = Field(False, title='When using "Save" button, save images to a subdirectory')
    directories_filename_pattern: str = Field("[date]", title="Directory name pattern", json_schema_extra=_PATH)
    directories_max_prompt_words: int = Field(8, ge=1, le=20, title="Max prompt words for [prompt_words] pattern")


class StableDiffusion(_Section):
    """What decides the picture beside the request."""

    sd_checkpoints_limit: int = Field(1, ge=1, le=10, title="Maximum number of checkpoints loaded at the same time")
    emphasis: Literal["None", "Ignore", "Original", "No norm"] = Field(
        "Original", title="Emphasis mode", json_schema_extra={"infotext": "Emphasis"}
    )
    comma_padding_backtrack: int = Field(
        20,
        ge=0,
        le=74,
        title="Prompt word wrap length limit",
        description="In tokens.",
        json_schema_extra={"infotext": "Word wrap limit"},
    )
    CLIP_stop_at_last_layers: int = Field(1, ge=1, le=12, title="Clip skip", json_schema_extra={"infotext": "Clip skip"})
    randn_source: Literal["GPU", "CPU", "NV"] = Field(
        "GPU",
        title="Random number generator source",
        description="GPU: of the device that draws. CPU: the same on every machine. NV: as NVIDIA's, on every machine.",
        json_schema_extra={"infotext": "RNG"},
    )
    enable_batch_seeds: bool = Field(
        True,
        title="Make K-diffusion samplers produce same images in a batch as when making a single image",
        description="Off: the noise of the steps comes from one generator for the whole batch, that of its first picture.",
        json_schema_extra={"infotext": "Batch seeds"},
    )


class SamplerParameters(_Section):
    """Knobs of the samplers."""

    hide_samplers: list[str] = Field(
        [], title="Hide samplers in user interface", description="Names; the API lists and draws with all.", json_schema_extra=_RELOAD
    )
    eta_ddim: float = Field(0.0, ge=0.0, le=1.0, title="Eta for DDIM", json_schema_extra={"infotext": "Eta DDIM"})
    eta_ancestral: float = Field(1.0, ge=0.0, le=1.0, title="Eta for k-diffusion samplers", json_schema_extra={"infotext": "Eta"})
    s_churn: float = Field(0.0, ge=0.0, le=100.0, title="sigma churn", json_schema_extra={"infotext": "Sigma churn"})
    s_tmin: float = Field(0.0, ge=0.0, le=10.0, title="sigma tmin", json_schema_extra={"infotext": "Sigma tmin"})
    s_tmax: float = Field(
        0.0, ge=0.0, le=999.0, title="sigma tmax", description="0: no limit.", json_schema_extra={"infotext": "Sigma tmax"}
    )
    s_noise: float = Field(1.0, ge=0.0, le=1.1, title="sigma noise", json_schema_extra={"infotext": "Sigma noise"})
    sigma_min: float = Field(
        0.0, ge=0.0, title="sigma min", description="0: the model's.", json_schema_extra={"infotext": "Schedule min sigma"}
    )
    sigma_max: float = Field(
        0.0, ge=0.0, title="sigma max", description="0: the model's.", json_schema_extra={"infotext": "Schedule max sigma"}
    )
    rho: float = Field(0.0, ge=0.0, title="rho", description="0: the schedule's own.", json_schema_extra={"infotext": "Schedule rho"})
    eta_noise_seed_delta: int = Field(0, title="Eta noise seed delta", json_schema_extra={"infotext": "ENSD"})
    always_discard_next_to_last_sigma: bool = Field(
        False, title="Always discard next-to-last sigma", json_schema_extra={"infotext": "Discard penultimate sigma"}
    )
    sgm_noise_multiplier: bool = Field(
        False,
        title="SGM noise multiplier",
        description="Scale the first noise as Stability's own code for SDXL does.",
        json_schema_extra={"infotext": "SGM noise multiplier"},
    )
    skip_early_cond: float = Field(
        0.0,
        ge=0.0,
        le=1.0,
        title="Ignore negative prompt during early sampling",
        description="Share of the steps at the start that run without guidance.",
        json_schema_extra={"infotext": "Skip Early CFG"},
    )
    sd_noise_schedule: Literal["Default", "Zero Terminal SNR"] = Field(
        "Default",
        title="Noise schedule for sampling",
        description="Zero Terminal SNR: the last noise level is nearly pure noise; for models trained so.",
        json_schema_extra={"infotext": "Noise Schedule"},
    )


class Optimizations(_Section):
    """Less work for nearly the same picture."""

    cross_attention_optimization: str = Field(
        "Automatic",
        title="Cross attention optimization",
        description="Name or title of a way to compute attention. Automatic: what was measured to be the fastest on this device.",
    )
    s_min_uncond: float = Field(
        0.0,
        ge=0.0,
        le=15.0,
        title="Negative Guidance minimum sigma",
        description="Below it the negative prompt is skipped at every other step.",
        json_schema_extra={"infotext": "NGMS"},
    )
    s_min_uncond_all: bool = Field(
        False, title="Negative Guidance minimum sigma all steps", json_schema_extra={"infotext": "NGMS all steps"}
    )
    pad_cond_uncond: bool = Field(
        False,
        title="Pad prompt/negative prompt",
        description="Bring them to one length with empty prompts, so that both run in one call.",
        json_schema_extra={"infotext": "Pad conds"},
    )
    pad_cond_uncond_v0: bool = Field(
        False,
        title="Pad prompt/negative prompt (v0)",
        description="The older way: repeat the last vector, or cut the negative prompt.",
        json_schema_extra={"infotext": "Pad conds v0"},
    )
    batch_cond_uncond: bool = Field(True, title="Batch cond/uncond", description="Both in one call: faster, but takes more memory.")


class Compatibility(_Section):
    """How older versions of A1111 did it, to make old pictures again."""

    use_old_karras_scheduler_sigmas: bool = Field(
        False, title="Use old karras scheduler sigmas (0.1 to 10)", json_schema_extra={"infotext": "Old Karras sigmas"}
    )
    enable_quantization: bool = Field(
        False,
        title="Enable quantization in K samplers",
        description="Sigmas at whole timesteps.",
        json_schema_extra={"infotext": "Sigma quantization"},
    )
    use_old_scheduling: bool = Field(
        False,
        title="Use old prompt editing timelines",
        description="For [red:green:N]: N below 1 is a share, any other a step; the second pass has the first one's timeline.",
        json_schema_extra={"infotext": "Old prompt editing timelines"},
    )
    no_dpmpp_sde_batch_determinism: bool = Field(
        False,
        title="Do not make DPM++ SDE deterministic across different batch sizes",
        description="One noise path for the whole batch, from the seed of its first picture.",
        json_schema_extra={"infotext": "Shared SDE noise"},
    )
    use_downcasted_alpha_bar: bool = Field(
        False,
        title="Downcast model alphas_cumprod to fp16 before sampling",
        description="For pictures of versions before 1.7.",
        json_schema_extra={"infotext": "Downcast alphas_cumprod"},
    )
    auto_vae_precision: bool = Field(
        True, title="Automatically revert VAE to 32-bit floats", description="When it returns NaN in half precision."
    )
    auto_vae_precision_bfloat16: bool = Field(
        False,
        title="Automatically convert VAE to bfloat16",
        description="When it returns NaN in half precision; before the option above, which then comes second.",
    )


class System(_Section):
    """The host itself."""

    executor: str = Field(
        "", title="Executor", description="What runs the jobs; empty: the first one installed.", json_schema_extra=_RESTART
    )


class Hidden(_Section):
    """Kept without a control: the extensions page and the command line write them."""

    disabled_extensions: list[str] = Field([], title="Disabled extensions", json_schema_extra=_HIDDEN)
    disable_all_extensions: Literal["none", "extra", "all"] = Field("none", title="Disable all extensions", json_schema_extra=_HIDDEN)


def core_sections(choices: Mapping[str, Choices] = MappingProxyType({})) -> list[Owned[SettingsSection]]:
    """The host's sections in the order of docs/settings.md, with the choices that only a running host knows."""
    sections = (
        SettingsSection("saving-images", "Saving images/grids", SavingImages, category="Saving images"),
        SettingsSection("saving-paths", "Paths for saving", SavingPaths, category="Saving images"),
        SettingsSection("saving-to-dirs", "Saving to a directory", SavingToDirectories, category="Saving images"),
        SettingsSection("sd", "Stable Diffusion", StableDiffusion, category="Stable Diffusion"),
        SettingsSection("sampler-params", "Sampler parameters", SamplerParameters, category="Stable Diffusion"),
        SettingsSection("optimizations", "Optimizations", Optimizations, category="Stable Diffusion"),
        SettingsSection("compatibility", "Compatibility", Compatibility, category="Stable Diffusion"),
        SettingsSection("ui", "User interface", UserInterface, category="User Interface"),
        SettingsSection("ui_gallery", "Gallery", Gallery, category="User Interface"),
        SettingsSection("system", "System", System, category="System"),
        SettingsSection("hidden", "", Hidden),
    )
    return [Owned(HOST, replace(section, choices=_choices_of(section, choices))) for section in sections]


def _choices_of(section: SettingsSection, choices: Mapping[str, Choices]) -> dict[str, Choices]:
    return {key: given for key, given in choices.items() if key in section.model.model_fields}

"""The saving settings, by their keys."""

from __future__ import annotations

from typing import Literal

from app.values.base import Value

Replace = Literal["Replace", "Add number suffix"]


class SavingOptions(Value):
    """How and where pictures are written."""

    samples_save: bool = True
    samples_format: str = "png"
    samples_filename_pattern: str = ""
    save_images_add_number: bool = True
    save_images_replace_action: Replace = "Replace"
    save_incomplete_images: bool = False
    grid_save: bool = True
    grid_format: str = "png"
    grid_extended_filename: bool = False
    grid_only_if_multiple: bool = True
    grid_prevent_empty_spots: bool = False
    grid_background_color: str = "#ffffff"
    grid_zip_filename_pattern: str = ""
    n_rows: int = -1
    return_grid: bool = True
    enable_pnginfo: bool = True
    save_txt: bool = False
    jpeg_quality: int = 80
    webp_lossless: bool = False
    export_for_4chan: bool = True
    img_downscale_threshold: float = 4.0
    target_side_length: float = 4000.0
    img_max_size_mp: float = 200.0
    outdir_samples: str = ""
    outdir_txt2img_samples: str = "outputs/txt2img-images"
    outdir_grids: str = ""
    outdir_txt2img_grids: str = "outputs/txt2img-grids"
    outdir_save: str = "log/images"
    save_to_dirs: bool = True
    grid_save_to_dirs: bool = True
    use_save_to_dirs_for_ui: bool = False
    directories_filename_pattern: str = "[date]"
    directories_max_prompt_words: int = 8

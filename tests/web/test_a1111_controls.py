"""Every control that A1111 has in its two forms: element id, label, limits and default, with all shipped extensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.paths import CHECKOUT
from tests.web.conftest import Site

FORMS = ("txt2img", "img2img")
BOTH = """
{t}_sampling | Sampling method | | DPM++ 2M
{t}_scheduler | Schedule type | | Automatic
{t}_steps | Sampling steps | 1 150 1 | 20
{t}_checkpoint | Checkpoint | |
{t}_switch_at | Switch at | 0.01 1 0.01 | 0.8
{t}_width | Width | 64 2048 8 | 512
{t}_height | Height | 64 2048 8 | 512
{t}_batch_count | Batch count | 1 100 1 | 1
{t}_batch_size | Batch size | 1 8 1 | 1
{t}_cfg_scale | CFG Scale | 1 30 0.5 | 7
{t}_seed | Seed | | -1
{t}_subseed_show | Extra | | False
{t}_subseed | Variation seed | | -1
{t}_subseed_strength | Variation strength | 0 1 0.01 | 0
{t}_seed_resize_from_w | Resize seed from width | 0 2048 8 | 0
{t}_seed_resize_from_h | Resize seed from height | 0 2048 8 | 0
{t}_styles | Styles | | []
{t}_override_settings | Override settings | | []
"""
OWN = """
txt2img_hr_upscaler | Upscaler | | Latent
txt2img_hires_steps | Hires steps | 0 150 1 | 0
txt2img_denoising_strength | Denoising strength | 0 1 0.01 | 0.7
txt2img_hr_scale | Upscale by | 1 4 0.05 | 2
txt2img_hr_resize_x | Resize width to | 0 2048 8 | 0
txt2img_hr_resize_y | Resize height to | 0 2048 8 | 0
hr_checkpoint | Checkpoint | | Use same checkpoint
hr_sampler | Hires sampling method | | Use same sampler
hr_scheduler | Hires schedule type | | Use same scheduler
hires_prompt | Hires prompt | |
hires_neg_prompt | Hires negative prompt | |
img2img_mask_blur | Mask blur | 0 64 1 | 4
img2img_mask_alpha | Mask transparency | 0 100 1 | 0
img2img_mask_mode | Mask mode | | Inpaint masked
img2img_inpainting_fill | Masked content | | original
img2img_inpaint_full_res | Inpaint area | | Whole picture
img2img_inpaint_full_res_padding | Only masked padding, pixels | 0 256 4 | 32
mask_blend_power | Schedule bias | 0 8 0.1 | 1
mask_blend_scale | Preservation strength | 0 8 0.05 | 0.5
inpaint_detail_preservation | Transition contrast boost | 1 32 0.5 | 4
composite_mask_influence | Mask influence | 0 1 0.05 | 0
composite_difference_threshold | Difference threshold | 0 8 0.25 | 0.5
composite_difference_contrast | Difference contrast | 0 8 0.25 | 2
resize_mode | Resize mode | | Just resize
img2img_scale | Scale | 0.05 4 0.05 | 1
img2img_denoising_strength | Denoising strength | 0 1 0.01 | 0.75
img2img_image_cfg_scale | Image CFG Scale | 0 3 0.05 | 1.5
img2img_batch_input_dir | Input directory | |
img2img_batch_output_dir | Output directory | |
img2img_batch_use_png_info | Append png info to prompts | | False
img2img_batch_png_info_dir | PNG info directory | |
"""
PLACES = """
quicksettings setting_sd_model_checkpoint refresh_sd_model_checkpoint tabs tab_txt2img tab_img2img tab_extras tab_pnginfo tab_modelmerger
tab_train tab_settings tab_extensions footer paste interrogate deepbooru
{t}_toprow {t}_prompt {t}_prompt_row {t}_prompt_container {t}_neg_prompt {t}_neg_prompt_row {t}_token_counter {t}_negative_token_counter
{t}_token_button {t}_negative_token_button {t}_actions_column {t}_generate_box {t}_generate {t}_interrupt {t}_skip {t}_interrupting
{t}_tools {t}_clear_prompt {t}_style_apply {t}_restore_progress {t}_styles_row {t}_styles_edit_button
{t}_settings {t}_extra_tabs sampler_selection_{t} {t}_accordions {t}_column_size {t}_dimensions_row {t}_res_switch_btn {t}_column_batch
{t}_seed_row {t}_random_seed {t}_reuse_seed {t}_seed_extras {t}_random_subseed {t}_reuse_subseed {t}_subseed_row {t}_seed_resize_from_row
{t}_override_settings_row {t}_script_container {t}_textual_inversion {t}_hypernetworks {t}_checkpoints {t}_lora
{t}_results {t}_results_panel {t}_gallery_container {t}_gallery image_buttons_{t} {t}_open_folder save_{t} save_zip_{t}
{t}_send_to_img2img {t}_send_to_inpaint {t}_send_to_extras download_files_{t} html_info_{t} html_log_{t} generation_info_{t}
txt2img_upscale txt2img_hr txtimg_hr_finalres txt2img_hires_fix_row1 txt2img_hires_fix_row2 txt2img_hires_fix_row3 txt2img_hires_fix_row4
hr_checkpoint_refresh {t}_enable {t}_checkpoint_refresh mode_img2img img2img_img2img_tab img2img_img2img_sketch_tab img2img_inpaint_tab
img2img_inpaint_sketch_tab img2img_inpaint_upload_tab img2img_batch_tab img2img_image img2img_sketch img2maskimg inpaint_sketch
img_inpaint_base img_inpaint_mask img2img_batch_source img2img_batch_upload_tab img2img_batch_upload img2img_batch_from_dir_tab
img2img_batch_inpaint_mask_dir inpaint_controls soft_inpainting_enabled img2img_tabs_resize img2img_tab_resize_to img2img_tab_resize_by
img2img_detect_image_size_btn img2img_scale_resolution_preview
""".split()
CHOICES = {
    "resize_mode": ["Just resize", "Crop and resize", "Resize and fill", "Just resize (latent upscale)"],
    "img2img_mask_mode": ["Inpaint masked", "Inpaint not masked"],
    "img2img_inpainting_fill": ["fill", "original", "latent noise", "latent nothing"],
    "img2img_inpaint_full_res": ["Whole picture", "Only masked"],
}


def in_forms(name: str) -> list[str]:
    """An id, or the same of both forms."""
    return [name.replace("{t}", form) for form in FORMS] if "{t}" in name else [name]


def told(props: dict[str, Any]) -> tuple[str, ...]:
    """Label, limits and default of a control, as the tables have them."""
    limits = " ".join(f"{props[key]:g}" for key in ("minimum", "maximum", "step")) if "minimum" in props and "step" in props else ""
    value = next((label for label, each in props.get("choices") or () if each == props["value"]), props.get("value"))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(props.get("label")), limits, f"{value:g}" if is_number else str(value)


def test_every_control_has_a1111s_id_label_limits_and_default(make_site: Callable[..., Site]) -> None:
    shipped = (path.parent.name for path in CHECKOUT.glob("extensions/*/pyproject.toml"))
    site = make_site(*(name for name in shipped if name not in ("local_executor", "passwords", "samplers", "noise_schedules")))
    components = site.client.get("/config").json()["components"]
    found = {each["props"].get("elem_id"): each["props"] for each in components}
    assert [name for place in PLACES for name in in_forms(place) if name not in found] == []
    wrong: list[object] = []
    for line in (*BOTH.strip().splitlines(), *OWN.strip().splitlines()):
        place, label, limits, default = (part.strip() for part in line.split("|"))
        for name in in_forms(place):
            is_label, are_limits, is_default = told(found[name]) if name in found else ("missing", "", "")
            if is_label != label or (limits and are_limits != limits) or (default and is_default != default):
                wrong.append((name, is_label, are_limits, is_default))
    assert wrong == []
    assert {name: [label for label, _ in found[name]["choices"]] for name in CHOICES} == CHOICES

"""Controls of A1111's other tabs, which the page's scripts draw: element id, label, limits and default."""

from __future__ import annotations

from playwright.sync_api import Page

READ = """(ids) => ids.map((id) => {
    const root = document.getElementById(id);
    if (!root) return [id];
    const isField = root.matches("input, select, textarea");
    const field = isField ? root : root.querySelector("input[type=number], input[type=checkbox], input, select, textarea");
    if (!field) return [id, "", "", ""];
    const label = field.labels && field.labels.length ? field.labels[0].textContent.trim() : field.getAttribute("aria-label") || "";
    const limits = [field.min, field.max, field.step].filter(Boolean).join(" ");
    return [id, label, limits, field.type === "checkbox" ? String(field.checked) : field.value];
})"""
"""Script: what these elements are; only the id of one that is missing."""
VIEWS = {
    "tab_extras": """
        extras_show_extras_results | Show result images | | true
        extras_batch_input_dir | Input directory | |
        extras_batch_output_dir | Output directory | |
        extras_upscaler_1 | Upscaler 1 | | None
        extras_upscaler_2 | Upscaler 2 | | None
        extras_upscaler_2_visibility | Upscaler 2 visibility | 0 1 0.001 | 0
        extras_upscaling_resize | Resize | 1 8 0.05 | 4
        extras_upscale_max_side_length | Max side length | | 0
        extras_upscaling_resize_w | Width | 64 8192 8 | 512
        extras_upscaling_resize_h | Height | 64 8192 8 | 512
        extras_upscaling_crop | Crop to fit | | true
        postprocess_split_threshold | Threshold | 0 1 0.05 | 0.5
        postprocess_overlap_ratio | Overlap ratio | 0 0.9 0.05 | 0.2
        postprocess_focal_crop_face_weight | Focal point face weight | 0 1 0.05 | 0.9
        postprocess_focal_crop_entropy_weight | Focal point entropy weight | 0 1 0.05 | 0.15
        postprocess_focal_crop_edges_weight | Focal point edges weight | 0 1 0.05 | 0.5
        train_process_focal_crop_debug | Create debug image | | false
        postprocess_multicrop_mindim | Dimension lower bound | | 384
        postprocess_multicrop_maxdim | Dimension upper bound | | 768
        postprocess_multicrop_minarea | Area lower bound | | 4096
        postprocess_multicrop_maxarea | Area upper bound | | 409600
        postprocess_multicrop_objective | Resizing objective | | Maximize area
        postprocess_multicrop_threshold | Error threshold | 0 1 0.01 | 0.1
        mode_extras extras_single_tab extras_image extras_batch_process_tab extras_image_batch extras_batch_directory_tab
        extras_generate_box extras_generate extras_interrupt extras_skip extras_interrupting extras_gallery image_buttons_extras
        extras_send_to_img2img extras_send_to_inpaint extras_send_to_extras html_info_x_extras html_info_extras html_log_extras
        extras_upscale extras_resize_mode extras_scale_by_tab extras_scale_to_tab upscaling_res_switch_btn
        """,
    "tab_pnginfo": "pnginfo_image pnginfo_generation_info txt2img_tab img2img_tab inpaint_tab extras_tab",
    "tab_modelmerger": """
        modelmerger_primary_model_name | Primary model (A) | |
        modelmerger_secondary_model_name | Secondary model (B) | |
        modelmerger_tertiary_model_name | Tertiary model (C) | |
        modelmerger_custom_name | Custom Name (Optional) | |
        modelmerger_interp_amount | Multiplier (M) - set to 0 to get model A | 0 1 0.05 | 0.3
        modelmerger_save_as_half | Save as float16 | | false
        modelmerger_bake_in_vae | Bake in VAE | | None
        modelmerger_discard_weights | Discard weights with matching name | |
        modelmerger_save_metadata | Save metadata | | true
        modelmerger_add_recipe | Add merge recipe metadata | | true
        modelmerger_copy_metadata | Copy metadata from merged models | | true
        modelmerger_interp_description modelmerger_models refresh_checkpoint_A refresh_checkpoint_B refresh_checkpoint_C
        modelmerger_interp_method modelmerger_checkpoint_format modelmerger_config_method modelmerger_refresh_bake_in_vae
        modelmerger_merge modelmerger_result modelmerger_results_panel modelmerger_results_container
        """,
    "tab_settings": """
        settings_submit settings_restart_gradio settings_result settings_search settings settings_saving-images
        column_settings_saving-images settings_show_all_pages settings_show_one_page settings_tab_defaults settings_tab_sysinfo
        settings_tab_actions settings_tab_licenses
        """,
    "tab_extensions": """
        tabs_extensions extensions_installed_top extensions_disable_all extensions_disabled_list extensions_update_list
        extensions_installed_html extensions available_extensions_html extension_install_result extensions_backup_top_row
        extension_backup_saved_configs refresh_config_states extension_backup_restore_type extension_backup_restore
        """,
}


def different_controls(page: Page, tab: str) -> list[str]:
    """What of a tab's table is missing from the page or different on it."""
    wanted: dict[str, tuple[str, ...]] = {}
    for line in VIEWS.get(tab, "").splitlines():
        if "|" in line:
            name, *facts = (part.strip() for part in line.split("|"))
            wanted[name] = tuple(facts)
        else:
            wanted.update(dict.fromkeys(line.split(), ()))
    problems: list[str] = []
    for name, *found in page.evaluate(READ, list(wanted)):
        facts = wanted[name]
        is_as_wanted = bool(found) and all(want in ("", have) for want, have in zip(facts, found, strict=bool(facts)))
        if not is_as_wanted:
            problems.append(f"{name} is {found or 'missing'}, not {facts}")
    return problems

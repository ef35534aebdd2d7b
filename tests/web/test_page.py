"""The page as it is sent: what is on it, whose parts fail alone, and that nothing comes from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import Site, SiteMaker

BUILD = """
from app.api import PageSlot, Panel, Tab, hookimpl

def build(page):
    import gradio as gr
    with gr.Row():
        box = gr.Textbox(label="half drawn", elem_id="half_drawn")
        button = gr.Button("half drawn")
        button.click(lambda text: text, [box], [box])
        page.on_load(lambda request: {box: "x"}, [box])
        raise RuntimeError("the paint is dry")
"""
BROKEN_TAB = f"""{BUILD}
@hookimpl
def register_tabs(host):
    return [Tab(id="dry", title="Dry tab", order=5, build=build)]
"""
BROKEN_PANEL = f"""{BUILD}
@hookimpl
def register_panels(host):
    return [Panel(id="dry", slot=PageSlot.GENERATION, order=5, build=build)]
"""
GOOD_PANEL = """
from app.api import PageSlot, Panel, hookimpl

@hookimpl
def register_panels(host):
    def build(page):
        import gradio as gr
        page.form.add("params.mine.depth", gr.Number(3, label="Depth", elem_id=page.form.elem_id("depth")))
    return [Panel(id="mine", slot=PageSlot.GENERATION, order=5, build=build)]
"""
PANELS_AT_THE_PROMPTS = """
from app.api import PageSlot, Panel, hookimpl

@hookimpl
def register_panels(host):
    import gradio as gr
    def tool(page):
        gr.Button("x", elem_id=page.form.elem_id("my_tool"))
    def action(page):
        assert page.form.find("nothing") is None and page.form.find("prompt") is page.form.component("prompt")
        gr.Button("y", elem_id=page.form.elem_id("#bare"))
    return [Panel("tool", PageSlot.PROMPT_TOOLS, 5, tool), Panel("action", PageSlot.ACTIONS, 5, action)]
"""
TABS_OF_A_FORM = """
from app.api import PageSlot, Panel, hookimpl

@hookimpl
def register_panels(host):
    import gradio as gr
    def build(page):
        with gr.Tab("Mine", elem_id=page.form.elem_id("mine")):
            gr.HTML("words of mine", elem_id=page.form.elem_id("mine_words"))
    def broken(page):
        raise RuntimeError("the tab is stuck")
    return [Panel("mine", PageSlot.FORM_TABS, 5, build), Panel("broken", PageSlot.FORM_TABS, 6, broken)]
"""
FEATURES = ("txt2img", "checkpoints", "samplers", "noise_schedules", "stable_diffusion")


def config_of(site: Site) -> dict[str, Any]:
    config: dict[str, Any] = site.client.get("/config").json()
    return config


def elem_ids(config: dict[str, Any]) -> set[str]:
    return {component["props"].get("elem_id") for component in config["components"]} - {None}


def texts(config: dict[str, Any]) -> str:
    return "\n".join(str(component["props"].get("value", "")) for component in config["components"])


@pytest.fixture
def page(make_site: SiteMaker) -> Site:
    return make_site(*FEATURES)


def test_the_familiar_element_ids_are_there(page: Site) -> None:
    expected = """
        quicksettings tabs footer tab_txt2img setting_sd_model_checkpoint refresh_sd_model_checkpoint txt2img_toprow
        txt2img_prompt txt2img_prompt_row txt2img_neg_prompt txt2img_neg_prompt_row txt2img_token_counter
        txt2img_negative_token_counter txt2img_token_button txt2img_negative_token_button txt2img_actions_column
        txt2img_generate_box txt2img_generate txt2img_interrupt txt2img_skip txt2img_interrupting txt2img_tools paste
        txt2img_clear_prompt txt2img_settings txt2img_extra_tabs sampler_selection_txt2img txt2img_sampling txt2img_scheduler
        txt2img_steps txt2img_width txt2img_height txt2img_res_switch_btn txt2img_dimensions_row txt2img_column_size
        txt2img_column_batch txt2img_batch_count txt2img_batch_size txt2img_cfg_scale txt2img_seed txt2img_seed_row
        txt2img_random_seed txt2img_reuse_seed txt2img_results txt2img_results_panel txt2img_gallery txt2img_gallery_container
        html_info_txt2img html_log_txt2img generation_info_txt2img
    """.split()
    assert set(expected) - elem_ids(config_of(page)) == set()


def test_labels_and_defaults_are_a1111s(page: Site) -> None:
    found = {c["props"].get("elem_id"): c["props"] for c in config_of(page)["components"]}
    shown = {name: (found[f"txt2img_{name}"]["label"], found[f"txt2img_{name}"]["value"]) for name in
             ("sampling", "scheduler", "steps", "width", "height", "batch_count", "batch_size", "cfg_scale", "seed")}  # fmt: skip
    assert shown == {
        "sampling": ("Sampling method", "DPM++ 2M"),
        "scheduler": ("Schedule type", "Automatic"),
        "steps": ("Sampling steps", 20),
        "width": ("Width", 512),
        "height": ("Height", 512),
        "batch_count": ("Batch count", 1),
        "batch_size": ("Batch size", 1),
        "cfg_scale": ("CFG Scale", 7),
        "seed": ("Seed", -1),
    }
    assert (found["txt2img_steps"]["minimum"], found["txt2img_steps"]["maximum"]) == (1, 150)
    assert config_of(page)["title"] == "Stable Diffusion"


def test_nothing_on_the_page_is_loaded_from_elsewhere(page: Site) -> None:
    html, config = page.client.get("/").text, config_of(page)
    loaded = re.findall(r"<(?:script|link|img|iframe)[^>]*?(?:src|href)=[\"']([^\"']+)", html + config["head"])
    assert loaded, "no script was found at all"
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    styles = page.client.get("/theme.css").text
    assert "fonts.googleapis" not in styles + html and "fonts.gstatic" not in styles + html


def test_scripts_and_styles_of_the_host_and_of_extensions_are_served(page: Site) -> None:
    head = config_of(page)["head"]
    addresses = re.findall(r"paintbox/[^\" ]+", head)
    answers = {address.split("?")[0]: page.client.get(f"/{address}") for address in addresses}
    assert [path for path in answers if path.endswith(".js")][0] == "paintbox/assets/core/base.js", "the others build on it"
    named = {
        "js": ["core/jobs.js", "generation_form/generation_form.js", "checkpoints/checkpoints.js"],
        "css": ["core/page.css", "core/results.css"],
    }
    for kind, files in named.items():
        assert [file for file in files if f"/* {file} */" not in answers[f"paintbox/bundle.{kind}"].text] == []
    for answer in answers.values():
        assert answer.status_code == 200 and "immutable" in answer.headers["cache-control"]
    assert page.client.get("/paintbox/assets/core/jobs.js").headers["cache-control"] == "no-cache"
    for path in ("core/../server.py", "core/%2e%2e/server.py", "generation_form/../__init__.py", "nobody/x.js"):
        assert page.client.get(f"/paintbox/assets/{path}").status_code == 404, path


def test_a_tab_that_fails_is_replaced_by_a_note_and_the_others_work(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("dry", BROKEN_TAB)
    config = config_of(make_site("dry", *FEATURES))
    assert "dry" in texts(config) and "the paint is dry" in texts(config)
    assert "half drawn" not in str(config["components"])
    drawn = {component["id"] for component in config["components"]}
    used = {each for event in config["dependencies"] for each in (*event["inputs"], *event["outputs"])}
    assert used <= drawn, "an event of the failed tab was left behind"
    assert {"tab_dry", "tab_txt2img", "txt2img_generate"} <= elem_ids(config)


def test_a_panel_that_fails_leaves_its_tab_alone(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("dry", BROKEN_PANEL)
    config = config_of(make_site("dry", *FEATURES))
    assert "the paint is dry" in texts(config) and "half drawn" not in str(config["components"])
    assert {"txt2img_generate", "txt2img_seed", "txt2img_gallery"} <= elem_ids(config)


def test_a_panel_stands_in_its_slot(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", GOOD_PANEL)
    ids = [component["props"].get("elem_id") for component in config_of(make_site("mine", *FEATURES))["components"]]
    assert ids.index("txt2img_steps") < ids.index("txt2img_seed") < ids.index("txt2img_depth")


def test_panels_at_the_prompts(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", PANELS_AT_THE_PROMPTS)
    ids = [component["props"].get("elem_id") for component in config_of(make_site("mine", *FEATURES))["components"]]
    places = [ids.index(name) for name in ("txt2img_actions_column", "txt2img_clear_prompt", "txt2img_my_tool", "bare", "txt2img_settings")]
    assert places == sorted(places)


def test_tabs_beside_the_parameters(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("mine", TABS_OF_A_FORM)
    config = config_of(make_site("mine", *FEATURES))
    ids = [component["props"].get("elem_id") for component in config["components"]]
    places = [ids.index(name) for name in ("txt2img_extra_tabs", "txt2img_generation", "txt2img_mine", "txt2img_mine_words")]
    assert places == sorted(places) and ids.index("txt2img_steps") < ids.index("txt2img_mine")
    assert "the tab is stuck" in texts(config)


def test_an_extension_that_cannot_be_imported_is_named(make_site: SiteMaker, write_extension: Callable[..., Path]) -> None:
    write_extension("absent_minded", "import nothing_of_that_name\n")
    shown = texts(config_of(make_site("absent_minded", *FEATURES)))
    assert "absent_minded" in shown and "nothing_of_that_name" in shown and "Traceback" in shown


def test_the_footer_names_versions(page: Site) -> None:
    [footer] = [c["props"]["value"] for c in config_of(page)["components"] if c["props"].get("elem_id") == "footer"]
    assert '<span translate="yes">version: ' in footer and "python:" in footer and "gradio: 6" in footer and "torch: 2" in footer


def test_gradio_serves_no_files_of_this_machine(page: Site) -> None:
    secret = page.host.paths.data / "secret.txt"
    secret.write_text("secret")
    for path in (secret, Path("/etc/passwd"), page.host.paths.database, page.host.paths.root / "README.md"):
        assert page.client.get(f"/gradio_api/file={path}").status_code in (403, 404), path


def test_two_updates_of_one_component_at_load_are_joined():
    from app.web.loading import joined

    value, choices = {"value": 3, "__type__": "update"}, {"choices": [1, 3], "__type__": "update"}
    assert joined(None, value) == value
    assert joined(value, choices) == {"value": 3, "choices": [1, 3], "__type__": "update"}
    assert joined(value, "text") == "text"


def test_a_drop_down_that_is_listed_anew_keeps_the_words_it_was_drawn_with(page: Site) -> None:
    import gradio as gr

    from app.web.draft_values import DraftForms
    from app.web.page import PageBuilder

    with gr.Blocks() as demo:
        drawn = gr.Dropdown([("无", "None"), "a"])
        update = PageBuilder(page.host, demo, DraftForms()).relisted(drawn, ["None", "b"])
    assert update["choices"] == [("无", "None"), ("b", "b")]

"""Reads an extension that was written for A1111 and says what it uses, and what of that there is here; nothing of it is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from app.api import Value, parse_source
from extensions.extension_manager.javascript import script_files

CALLBACKS: Mapping[str, str] = MappingProxyType(
    {
        "on_app_started": "register_routes",
        "on_before_reload": "",
        "on_script_unloaded": "lifespan",
        "on_before_ui": "register_panels",
        "on_ui_settings": "register_settings",
        "on_ui_tabs": "register_tabs",
        "on_ui_train_tabs": "register_panels",
        "on_before_component": "",
        "on_after_component": "",
        "on_model_loaded": "patch_model",
        "on_before_image_saved": "describe_image",
        "on_image_saved": "on_image_saved",
        "on_image_grid": "",
        "on_extra_noise": "",
        "on_cfg_denoiser": "follow_denoising",
        "on_cfg_denoised": "edit_guidance",
        "on_cfg_after_cfg": "edit_guidance",
        "on_infotext_pasted": "read_metadata",
        "on_before_token_counter": "edit_counted_prompt",
        "on_list_optimizers": "register_attention",
        "on_list_unets": "",
    }
)
"""A1111's callbacks, and the hook that an extension of Paintbox would use for the same; "" where there is none."""
SCRIPT_CLASSES = frozenset({"Script", "ScriptPostprocessing", "ScriptBuiltinUI"})
PAGE_FUNCTIONS = frozenset(
    {
        "gradioApp",
        "onUiLoaded",
        "onUiUpdate",
        "onAfterUiUpdate",
        "onUiTabChange",
        "onOptionsChanged",
        "onOptionsAvailable",
        "updateInput",
        "randomId",
        "requestGet",
        "popup",
        "closePopup",
        "get_uiCurrentTab",
        "get_uiCurrentTabContent",
        "get_tab_index",
    }
)
"""Functions that scripts in the page find."""
OTHER_PAGE_FUNCTIONS = frozenset(
    {
        "appendContextMenuOption",
        "removeContextMenuOption",
        "create_submit_args",
        "submit",
        "requestProgress",
        "switch_to_txt2img",
        "switch_to_img2img",
        "extract_image_from_gallery",
        "selected_gallery_index",
        "localization",
        "uiElementIsVisible",
        "extraNetworksEditUserMetadata",
        "all_gallery_buttons",
        "inputAccordionChecked",
    }
)
"""Functions of A1111's page that there are not here."""
PACKAGES = ("modules", "modules_forge")
PROGRAMS = (*PACKAGES, "launch", "ldm", "sgm")
"""Where A1111's and Forge's own modules lie, and those that they take from elsewhere."""
Use = Literal["used", "after consent", "not run", "not installed"]


class Part(Value):
    """One thing that the extension brings: ``what`` in words, how many, and what becomes of it."""

    what: str
    count: int
    use: Use


class UsedName(Value):
    """Something of A1111 that it uses; ``here``: what there is here for the same, "" for nothing."""

    name: str
    here: str = ""


class ForeignReport(Value):
    """``works``: it consists of nothing but what is used here."""

    works: bool
    parts: tuple[Part, ...]
    callbacks: tuple[UsedName, ...]
    script_classes: tuple[str, ...]
    modules: tuple[str, ...]
    page_functions: tuple[UsedName, ...]


def read_foreign(folder: Path) -> ForeignReport:
    """Read everything by its syntax."""
    callbacks: set[str] = set()
    classes: set[str] = set()
    modules: set[str] = set()
    for tree in _programs(folder):
        callbacks |= _callbacks(tree)
        classes |= _script_classes(tree)
        modules |= {name for name in _modules(tree) if name.partition(".")[0] in PROGRAMS}
    parts = tuple(_parts(folder))
    used = _page_functions(folder)
    return ForeignReport(
        works=all(part.use != "not run" for part in parts),
        parts=parts,
        callbacks=tuple(UsedName(name=name, here=CALLBACKS.get(name, "")) for name in sorted(callbacks)),
        script_classes=tuple(sorted(classes)),
        modules=tuple(sorted(modules)),
        page_functions=tuple(UsedName(name=name, here=name if name in PAGE_FUNCTIONS else "") for name in sorted(used)),
    )


def _programs(folder: Path) -> Iterator[ast.Module]:
    for path in sorted(folder.rglob("*.py"))[:500]:
        tree = parse_source(path) if not path.is_symlink() else None
        if tree is not None:
            yield tree


def _parts(folder: Path) -> Iterator[Part]:
    kinds: tuple[tuple[str, str, Use], ...] = (
        ("Style presets", "styles.csv", "used"),
        ("Translations", "localizations/*.json", "used"),
        ("Wildcards", "wildcards/**/*.txt", "used"),
        ("Tag lists", "tags/**/*.csv", "used"),
        ("Scripts of the page", "javascript/*.*js", "after consent"),
        ("Style sheet", "style.css", "after consent"),
        ("Scripts", "scripts/*.py", "not run"),
        ("Installer", "install.py", "not run"),
        ("Command-line flags", "preload.py", "not run"),
        ("Lists of Python packages", "requirements*.txt", "not installed"),
    )
    for what, pattern, use in kinds:
        count = sum(1 for path in folder.glob(pattern) if path.is_file())
        if count:
            yield Part(what=what, count=count, use=use)


def _modules(tree: ast.Module) -> Iterator[str]:
    """Dotted names; ``from modules import scripts`` is an import of ``modules.scripts``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module in PACKAGES:
            yield from (node.module if alias.name == "*" else f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def _callbacks(tree: ast.Module) -> set[str]:
    """Names of script_callbacks that are called, as attributes or imported."""
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "modules.script_callbacks"
        for alias in node.names
    }
    called = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)) and _last(node.value) == "script_callbacks"
    }
    return {name for name in imported | called if name.startswith("on_")}


def _script_classes(tree: ast.Module) -> set[str]:
    return {
        node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and any(_last(base) in SCRIPT_CLASSES for base in node.bases)
    }


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _page_functions(folder: Path) -> set[str]:
    known = PAGE_FUNCTIONS | OTHER_PAGE_FUNCTIONS
    found: set[str] = set()
    for name in script_files(folder):
        text = (folder / name).read_text(encoding="utf-8", errors="replace")
        found |= known.intersection(re.findall(r"\b([A-Za-z_]\w*)\s*\(", text)) - set(re.findall(r"\bfunction\s+(\w+)", text))
    return found

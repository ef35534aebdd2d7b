"""Draws the buttons below the gallery, and the list of what was saved."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import gradio as gr

from app.api import Page, UserError
from extensions.save_buttons.folder import can_open, check_opener, folder_of, open_folder
from extensions.save_buttons.offered import OFFERED
from extensions.save_buttons.routes import PREFIX
from extensions.save_buttons.saving import save_pictures


def draw_buttons(page: Page) -> None:
    """📂, 💾 and 🗃️ of the form's result panel."""
    form = page.form
    folder = _tool("📂", "folder", form.elem_id("open_folder")) if can_open(page.host) else None
    save = _tool("💾", "save", f"save_{form.id}")
    archive = _tool("🗃️", "archive", f"save_zip_{form.id}")
    files = gr.HTML("", elem_id=f"download_files_{form.id}", elem_classes=["download-files"], padding=False)
    _wire(page, {"save": save, "archive": archive, "folder": folder}, files)


def _tool(text: str, icon: str, elem_id: str) -> gr.Button:
    return gr.Button(text, elem_id=elem_id, elem_classes=["tool", f"icon-{icon}"], min_width=36)


def _wire(page: Page, buttons: dict[str, Any], files: Any) -> None:
    results, form = page.results, page.form
    chosen = [results.job_id, results.selected]

    def save(job_id: str, selected: str, shown: str, request: gr.Request) -> str:
        return _saved(page, (job_id, selected, shown), request, archive=False)

    def save_archive(job_id: str, selected: str, shown: str, request: gr.Request) -> str:
        return _saved(page, (job_id, selected, shown), request, archive=True)

    def show_folder(job_id: str, selected: str, request: gr.Request) -> str:
        try:
            check_opener(page.host, page.sits_here(request))
            open_folder(folder_of(page.host, page.job(job_id, request), selected, form.id))
        except UserError as error:
            return _note(str(error))
        return ""

    buttons["save"].click(save, [*chosen, results.shown], [files], **page.quiet)
    buttons["archive"].click(save_archive, [*chosen, results.shown], [files], **page.quiet)
    results.shown.change(lambda: "", None, [files], **page.quiet)
    if buttons["folder"] is not None:
        folder = buttons["folder"]
        folder.click(show_folder, chosen, [files], **page.quiet)
        page.on_load(lambda request: {folder: gr.update(visible=page.sits_here(request))}, [folder])


def _note(text: str) -> str:
    return f'<p class="note" role="status">{escape(text)}</p>'


def _saved(page: Page, chosen: tuple[str, str, str], request: Any, *, archive: bool) -> str:
    """Save, and list the files, or say why there are none; ``chosen``: job and number of the selected picture, and all that are shown."""
    job_id, selected, shown = chosen
    try:
        job = page.job(job_id, request)
        if job is None:
            raise UserError("There is no picture to save.", hint="Generate one first.")
        saved = save_pictures(page.host, job, selected, archive=archive, shown=page.shown(shown, request))
    except UserError as error:
        return f'<p class="note error" role="alert">{escape(str(error))}</p>'
    offered, owner = page.host.stash[OFFERED], page.owner(request)
    notes = "".join(f'<p class="note">{escape(remark)}</p>' for remark in saved.remarks)
    return f"<ul>{''.join(_link(path, offered.offer(path, owner)) for path in saved.files)}</ul>{notes}"


def _link(path: Path, name: str) -> str:
    address = f"{PREFIX}/{name}/{quote(path.name)}"
    return f'<li><a href="{escape(address)}" download="{escape(path.name)}">{escape(path.name)}</a></li>'

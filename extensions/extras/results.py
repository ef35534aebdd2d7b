"""Saves what was made of pictures: where, under which name, with which texts, and captions beside them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from app.api import INFOTEXT, PictureSaver, Run, SavedImage, parse_infotext
from extensions.extras.api import Picture
from extensions.extras.infotexts import facts_text, with_facts
from extensions.extras.kind import PATHS_SETTING, ExtrasRequest

EXTRAS, POSTPROCESSING = "extras", "postprocessing"
"""PNG texts, as A1111 writes them."""
OPAQUE = frozenset({"jpg", "jpeg"})


class ResultSaver:
    """Saves the results of one job."""

    def __init__(self, request: ExtrasRequest, run: Run) -> None:
        self._request, self._run = request, run
        self._saver = PictureSaver(run, PATHS_SETTING)
        setting = str(run.settings.get("outdir_samples") or run.settings.get(PATHS_SETTING) or "outputs/extras-images")
        self.folder: Path = run.host.paths.resolve(request.output_dir or setting)

    @property
    def alerts(self) -> tuple[str, ...]:
        """What must not be overlooked."""
        return self._saver.alerts

    def shows(self, image: SavedImage) -> bool:
        """Whether a picture is listed; one that is saved nowhere else always is."""
        return self._request.show_results or image.spooled

    def save(self, picture: Picture, index: int) -> SavedImage:
        """Save a picture and its caption."""
        facts, keep = facts_text(picture.facts), self._request.save == "outputs"
        infotext = with_facts(picture.infotext, picture.facts)
        texts = {**picture.texts, EXTRAS: facts, POSTPROCESSING: facts}
        image = self._opaque(picture) if self._saver.suffix in OPAQUE else picture.image
        told = picture.texts.get(INFOTEXT, "") if self._saver.suffix == "png" else infotext
        written = self._saver.save(image, told, texts, folder=str(self.folder), name=self._name(picture), keep=keep)
        if picture.caption and not written.spooled:
            self._write_caption(picture, written.path)
        fields = parse_infotext(infotext)
        return SavedImage(
            path=str(written.path),
            width_px=picture.image.width,
            height_px=picture.image.height,
            infotext=infotext,
            index=index,
            seed=_number(fields.get("Seed")),
            subseed=_number(fields.get("Variation seed")),
            prompt=fields.get("Prompt", "") if picture.infotext else "",
            negative_prompt=fields.get("Negative prompt", "") if picture.infotext else "",
            spooled=written.spooled,
        )

    def _opaque(self, picture: Picture) -> Image.Image:
        """For formats without transparency: what is transparent becomes white, and that is said."""
        if picture.image.mode != "RGBA":
            return picture.image
        self._run.comment(f"{picture.name}: JPEG files have no transparency; what was transparent is white.")
        return Image.alpha_composite(Image.new("RGBA", picture.image.size, "white"), picture.image).convert("RGB")

    def _name(self, picture: Picture) -> str:
        """The name of the source with the tags of what was done, where results keep it; else "", which means a number."""
        if not self._request.is_batch or not self._run.settings.get("use_original_name_batch", True):
            return ""
        stem = Path(picture.name).stem
        return "-".join((stem, *picture.name_tags)) if stem else ""

    def _write_caption(self, picture: Picture, path: Path) -> None:
        existing = _existing_caption(path, picture)
        action = self._run.settings.get("postprocessing_existing_caption_action")
        texts = {"Prepend": (existing, picture.caption), "Append": (picture.caption, existing), "Keep": (existing or picture.caption,)}
        caption = " ".join(text for text in texts.get(str(action), (picture.caption,)) if text)
        try:
            self._saver.write_text(path, caption)
        except OSError as error:
            self._run.comment(f"The caption of {path.name} could not be written ({error.strerror or error}).")


def _existing_caption(path: Path, picture: Picture) -> str:
    """The caption that lies beside the result, or beside its source."""
    for place in (path.with_suffix(".txt"), picture.source.with_suffix(".txt")):
        if place.is_file():
            return place.read_text(encoding="utf-8", errors="replace").strip()
    return ""


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0

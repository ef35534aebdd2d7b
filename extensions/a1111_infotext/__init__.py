"""A1111's infotext: found in pictures, written in its order, and read with its defaults (see ``api``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.api import (
    GenerationPlan,
    Host,
    ImagePlan,
    MetadataReading,
    Page,
    PageSlot,
    Panel,
    PlanInfo,
    Run,
    SettingsSection,
    hookimpl,
)
from extensions.a1111_infotext.chunks import find_infotext
from extensions.a1111_infotext.order import arrange
from extensions.a1111_infotext.params import InfotextSettings


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """What is written into infotexts, and what is read back from them."""
    return (SettingsSection("infotext", "Infotext", InfotextSettings),)


@hookimpl
def edit_infotext(items: PlanInfo, image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """Bring the items into A1111's order and leave out what the settings say."""
    settings = InfotextSettings.of(run.settings)
    user = run.job.owner if settings.add_user_name_to_info else ""
    return arrange({**items, "User": user} if user else items, settings)


@hookimpl(trylast=True)
def read_metadata(chunks: Mapping[str, str], host: Host) -> MetadataReading | None:
    """Pictures with an infotext in one of the places where A1111 keeps it."""
    infotext = find_infotext(chunks)
    return None if infotext is None else MetadataReading(infotext, software="A1111")


@hookimpl
def register_panels(host: Host) -> Iterable[Panel]:
    """The override settings of each form."""

    def build(page: Page) -> None:
        from extensions.a1111_infotext.panel import draw_override_settings

        draw_override_settings(page)

    return [Panel(id="override_settings", slot=PageSlot.GENERATION, order=-50, build=build)]

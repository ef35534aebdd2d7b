"""Face restoration: the slot for restorers, in pictures that are drawn and in the Extras tab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from app.api import (
    Axis,
    Choices,
    GenerationPlan,
    GenerationRequest,
    ImagePlan,
    Params,
    PlanInfo,
    Run,
    RunImage,
    SettingsSection,
    hookimpl,
)
from extensions.extras.api import ImageOperation
from extensions.face_restoration.params import LABEL, FaceRestorationParams, FaceRestorationSettings, SavingSettings

if TYPE_CHECKING:
    from app.api import Host

FIELD = "restore_faces"


@hookimpl
def register_params(host: Host) -> Iterable[type[Params]]:
    """What rides in a request."""
    return [FaceRestorationParams]


@hookimpl
def register_settings(host: Host) -> Iterable[SettingsSection]:
    """In A1111's sections."""
    from extensions.face_restoration.restorers import registered

    models = Choices(lambda: [restorer.name for restorer in registered(host)])
    return [
        SettingsSection("face-restoration", "Face restoration", FaceRestorationSettings, choices={"face_restoration_model": models}),
        SettingsSection("saving-images", "Saving images/grids", SavingSettings),
    ]


@hookimpl
def edit_request(request: GenerationRequest, run: Run) -> GenerationRequest:
    """Requests that do not say take the setting; where it cannot be honoured, the result says so."""
    from extensions.face_restoration.restorers import NONE_THERE, in_use

    if FaceRestorationParams.feature in request.params or not run.settings.get("face_restoration"):
        return request
    if in_use(run.host, run.settings) is None:
        run.comment(f"Faces were not restored, as the setting face_restoration asks for: {NONE_THERE}.")
        return request
    return request.model_copy(update={"params": {**request.params, FaceRestorationParams.feature: {FIELD: True}}})


@hookimpl
def edit_plan(plan: GenerationPlan, request: GenerationRequest, run: Run) -> GenerationPlan:
    """Draw without what nobody can do, and say so: programs written for A1111 send the field whatever is installed."""
    from extensions.face_restoration.restorers import NONE_THERE, in_use

    if FaceRestorationParams.of(plan.params).restore_faces and in_use(run.host, run.settings) is None:
        run.comment(f"Faces were not restored, as restore_faces asks for: {NONE_THERE}.")
    return plan


@hookimpl
def edit_images(images: Sequence[RunImage], plan: GenerationPlan, run: Run) -> Sequence[RunImage]:
    """Restore faces where that was asked for."""
    if not FaceRestorationParams.of(plan.params).restore_faces:
        return images
    from extensions.face_restoration.drawn import restored

    return restored(images, run)


@hookimpl
def describe_image(image: ImagePlan, plan: GenerationPlan, run: Run) -> PlanInfo:
    """``Face restoration: CodeFormer``."""
    if not FaceRestorationParams.of(plan.params).restore_faces:
        return {}
    from extensions.face_restoration.restorers import in_use

    restorer = in_use(run.host, run.settings)
    return {LABEL: restorer.name if restorer else None}


@hookimpl
def register_axes(host: Host) -> Iterable[Axis]:
    """A1111's axis of plots."""
    from extensions.face_restoration.axes import face_axes

    return face_axes(host)


@hookimpl
def register_image_operations(host: Host) -> Iterable[ImageOperation]:
    """One for each restorer."""
    from extensions.face_restoration.operations import operations

    return operations(host)


@hookimpl
def register_routes(host: Host) -> Iterable[Any]:
    """A1111's list."""
    from extensions.face_restoration.routes import make_router

    return [make_router(host)]


@hookimpl
def register_texts(host: Host) -> Iterable[str]:
    """Labels of the restorers' controls, also while there is none."""
    from extensions.face_restoration.operations import VISIBILITY, WEIGHT

    return [VISIBILITY, WEIGHT]

"""Routes below /paintbox/v1/checkpoints: switching, and what a checkpoint predicts, as its file says and as the user has decided."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool

from app.api import Host, LoadChoice, ModelRecord, NotFoundError, PredictionType, UserError, Value
from app.api.routes import MODEL_FILES, Owner, may_change
from extensions.checkpoints.switch import current, find, switch_to


class PredictionChoice(Value):
    """A checkpoint by title, name or hash, and what is decided about it; what is left out or null is left to the file."""

    checkpoint: str
    prediction_type: PredictionType | None = None
    zero_terminal_snr: bool | None = None


class Wanted(Value):
    """A checkpoint by title, name or hash."""

    checkpoint: str


class Loading(Value):
    """The job that loads it, to be watched at /paintbox/v1/jobs/ID."""

    job: str


class InUse(Value):
    """A title, "" where there is no checkpoint, and the hash, "" until it is computed."""

    title: str
    sha256: str


class PredictionState(Value):
    """``chosen`` by the user, ``found`` in the file, and what is used; a ``prediction_type`` of null is found out at loading."""

    checkpoint: str
    chosen: LoadChoice
    found: LoadChoice
    prediction_type: PredictionType | None
    zero_terminal_snr: bool


def make_router(host: Host) -> APIRouter:
    """Reads and changes the choice; the next picture is drawn by it."""
    router = APIRouter(prefix="/paintbox/v1/checkpoints", tags=["checkpoints"])

    @router.get("/current", summary="The checkpoint in use")
    async def in_use() -> InUse:
        record = await run_in_threadpool(current, host)
        return InUse(title=record.title if record else "", sha256=(record.sha256 if record else "") or "")

    @router.get("/prediction-type")
    async def read(checkpoint: str | None = None) -> PredictionState:
        """What is known of a checkpoint, of the one in use if none is named."""
        return await run_in_threadpool(_state, checkpoint, host)

    @router.put("/prediction-type", dependencies=[may_change(MODEL_FILES, host)])
    async def choose(choice: PredictionChoice) -> PredictionState:
        """Decide for everybody; it is remembered as long as the file stays as it is, and asks for the right to change model files."""

        def decide() -> PredictionState:
            record = _record(choice.checkpoint, host)
            host.models.choose(record, choice.model_dump(exclude={"checkpoint"}))
            return _state(choice.checkpoint, host)

        return await run_in_threadpool(decide)

    @router.post("/switch", status_code=202, summary="Use another checkpoint from now on, and load it")
    async def switch(wanted: Wanted, owner: Owner) -> Loading:
        def begin() -> Loading:
            return Loading(job=switch_to(wanted.checkpoint, owner, host).id)

        return await run_in_threadpool(begin)

    return router


def _record(name: str | None, host: Host) -> ModelRecord:
    """The usable checkpoint of this name, or the one in use; raises NotFoundError, UserError."""
    record = current(host) if name is None else find(name, host)
    if record is None and name is None:
        raise NotFoundError("There is no checkpoint.", hint="Put one into models/Stable-diffusion.")
    if record is None:
        raise NotFoundError(f"There is no checkpoint {name!r}.", hint="GET /sdapi/v1/sd-models lists them.", field="checkpoint")
    if not record.usable:
        raise UserError(f"{record.name} cannot be used: {record.problem}", field="checkpoint")
    return record


def _state(name: str | None, host: Host) -> PredictionState:
    record = _record(name, host)
    identity, found = record.identity, host.models.found(record)
    return PredictionState(
        checkpoint=record.title,
        chosen=LoadChoice.model_validate(host.models.chosen(record)),
        found=LoadChoice(
            prediction_type=found.prediction_type if found else None, zero_terminal_snr=found.zero_terminal_snr if found else None
        ),
        prediction_type=identity.prediction_type if identity else None,
        zero_terminal_snr=identity.zero_terminal_snr if identity else False,
    )

"""The bodies of drawing requests: A1111's fields and defaults, and what real clients send in their place."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from app.api import LARGEST_SEED, Json


def _whole(value: object) -> object:
    """Whole numbers also as "20", 20.0 and "20.0"; a fraction is cut off, as A1111 does."""
    if isinstance(value, str):
        try:
            return int(value.strip())
        except ValueError:
            value = _number_or_same(value)
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return int(value)
    return value


def _seed(value: object) -> object:
    """What is no number means a random seed."""
    return value if isinstance(_whole(value), int) else -1


def _number_or_same(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _says_something(value: object) -> bool:
    return value is not None and value is not False and value not in ("", [], {})


Whole: TypeAlias = Annotated[int, BeforeValidator(_whole)]
Seed: TypeAlias = Annotated[int, BeforeValidator(_whole), BeforeValidator(_seed)]


class DrawingBody(BaseModel):
    """What all requests for pictures have; null means the field's default, numbers may be strings; unknown fields are only named.

    ``width`` and ``height`` None: the checkpoint's native size. ``comments``: their keys come back among the answer's comments;
    ``force_task_id``: the name under which its progress can be asked for (see ``tasks``).
    """

    route: ClassVar[str]

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    prompt: str = ""
    negative_prompt: str = ""
    styles: list[str] = []
    seed: Seed = Field(-1, ge=-LARGEST_SEED, le=LARGEST_SEED)
    subseed: Seed = Field(-1, ge=-LARGEST_SEED, le=LARGEST_SEED)
    subseed_strength: float = Field(0.0, ge=0.0, le=1.0)
    seed_resize_from_h: Whole = Field(-1, le=16384)
    seed_resize_from_w: Whole = Field(-1, le=16384)
    sampler_name: str | None = None
    sampler_index: str = "Euler"
    scheduler: str | None = None
    batch_size: Whole = Field(1, ge=1, le=256)
    n_iter: Whole = Field(1, ge=1, le=10000)
    steps: Whole = Field(50, ge=1, le=1000)
    cfg_scale: float = Field(7.0, ge=0.0, le=1000.0)
    width: Whole | None = Field(None, ge=8, le=16384)
    height: Whole | None = Field(None, ge=8, le=16384)
    restore_faces: bool | None = None
    tiling: bool | None = None
    do_not_save_samples: bool = False
    do_not_save_grid: bool = False
    eta: float | None = None
    denoising_strength: float | None = None
    s_min_uncond: float | None = None
    s_churn: float | None = None
    s_tmax: float | None = None
    s_tmin: float | None = None
    s_noise: float | None = None
    override_settings: dict[str, Json] = {}
    override_settings_restore_afterwards: bool = True
    refiner_checkpoint: str | None = None
    refiner_switch_at: float | None = None
    disable_extra_networks: bool = False
    comments: dict[str, Json] = {}
    force_task_id: str | None = None
    infotext: str | None = None
    script_name: str | None = None
    script_args: list[Json] | dict[str, Json] = []
    alwayson_scripts: dict[str, Json] = {}
    send_images: bool = True
    save_images: bool = False
    unknown_fields: SkipJsonSchema[tuple[str, ...]] = Field((), exclude=True)
    """Names of what was sent, says something, and is no field of this kind of request; never sent itself."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        unknown = tuple(str(name) for name, value in data.items() if name not in cls.model_fields and _says_something(value))
        return {key: value for key, value in data.items() if value is not None} | {"unknown_fields": unknown}


class Txt2ImgBody(DrawingBody):
    """Pictures from a prompt."""

    route = "txt2img"

    enable_hr: bool = False
    firstphase_width: Whole = 0
    firstphase_height: Whole = 0
    hr_scale: float = 2.0
    hr_upscaler: str | None = None
    hr_second_pass_steps: Whole = 0
    hr_resize_x: Whole = 0
    hr_resize_y: Whole = 0
    hr_checkpoint_name: str | None = None
    hr_sampler_name: str | None = None
    hr_scheduler: str | None = None
    hr_prompt: str = ""
    hr_negative_prompt: str = ""

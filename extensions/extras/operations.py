"""The operations that there are, in the order in which they are done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from app.api import Json, NotFoundError, Params, UserError, field_extra, params_texts, reason_for
from extensions.extras import hookspecs
from extensions.extras.api import ImageOperation

if TYPE_CHECKING:
    from app.api import Host

Chosen = tuple[ImageOperation, Params]
"""An operation that was asked for, with its parameters."""


def registered(host: Host) -> list[ImageOperation]:
    """All, sorted by their own order."""
    owned = host.hooks.collect(hookspecs.register_image_operations, host=host)
    return sorted((item.value for item in owned), key=lambda operation: operation.order)


def available(host: Host, settings: Mapping[str, Json]) -> list[ImageOperation]:
    """Those that the settings have not switched off, those first that they name first."""
    disabled, order = _titles(settings, "postprocessing_disable_in_extras"), _titles(settings, "postprocessing_operation_order")
    shown = [operation for operation in registered(host) if operation.title not in disabled]
    return sorted(shown, key=lambda operation: order.index(operation.title) if operation.title in order else len(order))


def chosen(asked: Mapping[str, Mapping[str, Json]], host: Host, settings: Mapping[str, Json]) -> list[Chosen]:
    """Those of a request in order; raises UserError with the field at fault, like ``operations.extras_upscale.upscaler_1``."""
    there = {operation.id: operation for operation in available(host, settings)}
    for name in asked:
        if name not in there:
            hint = f"There are: {', '.join(there) or 'none'}."
            raise NotFoundError(f"There is no operation {name!r} for finished pictures.", hint=hint, field=f"operations.{name}")
    return [(operation, checked(operation, asked[name], host)) for name, operation in there.items() if name in asked]


def checked(operation: ImageOperation, values: Mapping[str, Json], host: Host) -> Params:
    """The parameters of one operation."""
    try:
        params: Any = operation.params.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        named = operation.params.model_fields.get(str(first["loc"][0])) if first["loc"] else None
        label = (named.title if named else None) or place
        raise UserError(f"{operation.title}, {label}: {reason_for(first, named)}.", field=f"operations.{operation.id}.{place}") from error
    with blamed(operation):
        operation.check(params, host)
    return operation.params.model_validate(params.model_dump())


@contextmanager
def blamed(operation: ImageOperation) -> Iterator[None]:
    """Errors of an operation name it, and its fields as those of a request."""
    try:
        yield
    except UserError as error:
        field = f"operations.{operation.id}.{error.field}" if error.field else ""
        raise UserError(f"{operation.title}: {error.what}", hint=error.hint, field=field, status=error.status) from error


def operation_texts(host: Host) -> Iterator[str]:
    """The words for users of all operations, for tables of translations."""
    for operation in registered(host):
        yield from (operation.title, operation.note, *params_texts(operation.params))
        for field in operation.params.model_fields.values():
            extra: dict[str, Any] = dict(field_extra(field))
            yield from (title for _, title, _ in extra.get("tabs") or ())


def _titles(settings: Mapping[str, Json], key: str) -> Sequence[str]:
    value = settings.get(key)
    return [title for title in value if isinstance(title, str)] if isinstance(value, list | tuple) else []
